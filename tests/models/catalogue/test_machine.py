"""The machine, by its own files and by programs that stand where ``nvidia-smi`` would."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentverse.models.catalogue import Machine, probe

GIB = 1 << 30
MEMINFO = "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ``/`` with 16 GiB of memory, and a PATH on which there is nothing but ``bin`` and the shell's own programs."""
    write(tmp_path / "proc/meminfo", MEMINFO)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def smi(root: Path, script: str) -> None:
    program = root / "bin" / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_this_very_machine_has_memory() -> None:
    machine = probe()
    assert 0 < machine.available <= machine.ram <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert machine.gpus or machine.trouble


def test_without_limits_the_memory_is_the_computers(root: Path) -> None:
    machine = probe(root=root)
    assert (machine.ram, machine.available) == (16 * GIB, 8 * GIB)
    assert (machine.gpus, machine.trouble) == ((), "no NVIDIA card was found")


@pytest.mark.parametrize(
    ("cgroup", "files", "ram", "available"),
    [
        ("0::/a/b", {"a/b/memory.max": 4 * GIB, "a/b/memory.current": GIB}, 4, 3),
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": 6 * GIB, "a/memory.current": GIB}, 6, 5),
        ("0::/", {"memory.max": 2 * GIB, "memory.current": 3 * GIB}, 2, 0),
        ("0::/a", {"a/memory.max": 32 * GIB, "a/memory.current": GIB}, 16, 8),
        ("4:cpu,memory:/a", {"memory/a/memory.limit_in_bytes": 5 * GIB}, 5, 5),
        ("4:memory:/a", {"memory/memory.limit_in_bytes": 5 * GIB, "memory/memory.usage_in_bytes": GIB}, 5, 4),
        ("4:memory:/a", {"memory/a/memory.limit_in_bytes": 9223372036854771712}, 16, 8),
        ("3:cpu:/a", {"a/memory.max": GIB}, 16, 8),
    ],
)
def test_a_container_has_what_its_control_group_allows(
    root: Path, cgroup: str, files: dict[str, object], ram: int, available: int
) -> None:
    write(root / "proc/self/cgroup", cgroup + "\n")
    for name, content in files.items():
        write(root / "sys/fs/cgroup" / name, f"{content}\n")
    machine = probe(root=root)
    assert (machine.ram / GIB, machine.available / GIB) == (ram, available)


CARDS = """\
0, GPU-aaaa, NVIDIA GeForce RTX 4090, 24564, 23000, 580.65.06, 8.9
1, GPU-bbbb, NVIDIA H100 80GB HBM3, 81559, 81000, 580.65.06, 9.0"""


def cards(root: Path, rows: str = CARDS, *, timeout: float = 5) -> Machine:
    smi(root, f"/bin/cat <<'END'\n{rows}\nEND")
    return probe(root=root, timeout=timeout)


def test_cards_are_told_with_memory_driver_and_capability(root: Path) -> None:
    machine = cards(root)
    first, second = machine.gpus
    assert (first.name, first.memory, first.free) == ("NVIDIA GeForce RTX 4090", 24564 << 20, 23000 << 20)
    assert (second.driver, second.capability) == ("580.65.06", 9.0)
    assert machine.trouble == ""


@pytest.mark.parametrize(
    ("visible", "names"),
    [("1", ["H100"]), ("GPU-aa", ["4090"]), ("1,0", ["4090", "H100"]), ("0, 7", ["4090"])],
)
def test_only_cards_that_programs_may_see_count(
    root: Path, monkeypatch: pytest.MonkeyPatch, visible: str, names: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found = [gpu.name for gpu in cards(root).gpus]
    assert len(found) == len(names)
    assert all(name in gpu for name, gpu in zip(names, found, strict=True))


def test_cards_that_are_all_hidden_are_a_trouble_with_its_fix(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    machine = cards(root)
    assert (machine.gpus, machine.trouble) == ((), "CUDA_VISIBLE_DEVICES='' hides every card")
    assert machine.fix == "Unset CUDA_VISIBLE_DEVICES."


def test_a_card_that_shares_the_main_memory_has_as_much(root: Path) -> None:
    [gpu] = cards(root, "0, GPU-a, NVIDIA GB10, [N/A], [N/A], 580.1, 12.1").gpus
    assert (gpu.memory, gpu.free) == (16 * GIB, 16 * GIB)


def test_an_old_driver_that_does_not_know_a_field_is_asked_without_it(root: Path) -> None:
    smi(
        root,
        'case "$1" in *compute_cap*) echo \'Field "compute_cap" is not a valid field to query.\'; exit 2;; esac\n'
        "echo '0, GPU-a, Tesla K80, 11441, 11000, 470.82'",
    )
    [gpu] = probe(root=root).gpus
    assert (gpu.name, gpu.driver, gpu.capability) == ("Tesla K80", "470.82", 0.0)


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", "Driver/library version"),
        ('echo "couldn\'t communicate with the NVIDIA driver" >&2; exit 9', "couldn't communicate"),
        ("exit 3", "nothing, with exit code 3"),
        ("exit 0", "finds no card"),
        ("echo garbage", "finds no card"),
    ],
)
def test_a_driver_that_is_broken_is_told_in_its_own_words(root: Path, script: str, trouble: str) -> None:
    smi(root, script)
    machine = probe(root=root)
    assert machine.gpus == ()
    assert trouble in machine.trouble


def test_a_driver_that_hangs_is_given_up(root: Path) -> None:
    smi(root, "exec /bin/sleep 600")
    machine = probe(root=root, timeout=0.1)
    assert machine.trouble == "the graphics driver did not answer within 0.1 s"
    assert machine.fix


def test_a_program_that_cannot_be_run_is_a_trouble(root: Path) -> None:
    program = root / "bin" / "nvidia-smi"
    program.write_bytes(b"\x7fELF nonsense")
    program.chmod(0o755)
    assert "cannot be run" in probe(root=root).trouble


@pytest.mark.parametrize(
    ("files", "trouble"),
    [
        ({"proc/driver/nvidia/version": "580"}, "not its program nvidia-smi"),
        ({"sys/bus/pci/devices/1/vendor": "0x10de\n", "sys/bus/pci/devices/1/class": "0x030000\n"}, "no driver for it"),
        ({"sys/bus/pci/devices/1/vendor": "0x10de\n", "sys/bus/pci/devices/1/class": "0x040300\n"}, "no NVIDIA card"),
        ({"sys/bus/pci/devices/1/vendor": "0x8086\n", "sys/bus/pci/devices/1/class": "0x030000\n"}, "no NVIDIA card"),
    ],
)
def test_what_is_missing_for_a_card_is_told(root: Path, files: dict[str, str], trouble: str) -> None:
    for name, content in files.items():
        write(root / name, content)
    machine = probe(root=root)
    assert trouble in machine.trouble
    assert bool(machine.fix) == ("no NVIDIA card" not in trouble)
