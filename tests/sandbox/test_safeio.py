"""Host access beneath a folder: the kernel's way and the step-by-step way give the same answers."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentverse.errors import PathRefused
from agentverse.sandbox import safeio


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    work = tmp_path / "work"
    (work / "in").mkdir(parents=True)
    (work / "in/file").write_text("inside")
    (tmp_path / "secret").write_text("secret")
    (work / "link").symlink_to("in/file")
    (work / "out").symlink_to(tmp_path)
    (work / "abs").symlink_to(tmp_path / "secret")
    os.mkfifo(work / "pipe")
    descriptor = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


BAD = [
    "link",
    "out/secret",
    "abs",
    "pipe",
    "in",
    "../secret",
    "/etc/passwd",
    "in/../in/file",
    "",
    ".",
    "in//file",
    "a\0b",
    "\udcff",
]


@pytest.mark.parametrize("path", BAD)
def test_only_plain_files_by_plain_paths_are_read(root, path):
    with pytest.raises(PathRefused):
        safeio.read(root, path, max_bytes=100)


def test_reading(root):
    assert safeio.read(root, "in/file", max_bytes=6) == b"inside"
    with pytest.raises(PathRefused, match="larger"):
        safeio.read(root, "in/file", max_bytes=5)
    with pytest.raises(FileNotFoundError):
        safeio.read(root, "in/absent", max_bytes=5)


@pytest.mark.parametrize("path", ["in/file", "link", "out/secret", "abs", "absent", "in/file/x"])
def test_step_by_step_answers_as_the_kernel_does(root, path):
    answers = []
    for way in (safeio._open, safeio.walk_open):
        try:
            descriptor = way(root, path, os.O_RDONLY)
        except OSError as error:
            answers.append("absent" if isinstance(error, FileNotFoundError) else "refused")
        else:
            answers.append(os.read(descriptor, 100))
            os.close(descriptor)
    assert answers[0] == answers[1]
    assert answers[0] != b"secret"


def test_writing_replaces_links_and_goes_through_none(root, tmp_path):
    safeio.write(root, {"abs": b"new", "in/deep/er": b"made", "link": b"plain"})
    assert (tmp_path / "secret").read_text() == "secret"
    assert safeio.read(root, "abs", max_bytes=10) == b"new"
    assert safeio.read(root, "in/file", max_bytes=10) == b"inside"
    for path in ("out/planted", "in", "in/file/below"):
        with pytest.raises(PathRefused):
            safeio.write(root, {path: b"x"})
    assert not (tmp_path / "planted").exists()


def test_a_bad_path_among_good_ones_writes_nothing(root):
    with pytest.raises(PathRefused):
        safeio.write(root, {"good": b"1", "../bad": b"2"})
    with pytest.raises(FileNotFoundError):
        safeio.read(root, "good", max_bytes=1)


def test_no_temporary_file_is_left(root):
    with pytest.raises(PathRefused):
        safeio.write(root, {"in": b"x"})
    safeio.write(root, {"in/file": b"y"})
    assert set(os.listdir(root)) == {"in", "link", "out", "abs", "pipe"}
    assert os.listdir(f"/proc/self/fd/{root}/in") == ["file"]


def test_walking_takes_plain_files_within_bounds(root):
    safeio.write(root, {"b.py": b"12", "a/c.py": b"3"})
    assert safeio.walk(root, max_bytes=100, max_files=10) == {"a/c.py": b"3", "b.py": b"12", "in/file": b"inside"}
    with pytest.raises(PathRefused, match="more than 2 files"):
        safeio.walk(root, max_bytes=100, max_files=2)
    with pytest.raises(PathRefused, match="more than 8 bytes"):
        safeio.walk(root, max_bytes=8, max_files=10)


def test_copying_out_takes_plain_files_within_bounds(root, tmp_path):
    work = tmp_path / "work"
    for name in ("__pycache__/a.pyc", "a.pth"):
        (work / "in" / name).parent.mkdir(exist_ok=True)
        (work / "in" / name).write_bytes(b"x")
    (work / "in/run").write_text("run")
    (work / "in/run").chmod(0o4755)
    (work / "in/out").symlink_to(tmp_path)
    os.mkfifo(work / "in/pipe")
    safeio.copy_out(root, "in", tmp_path / "all", max_bytes=11, max_files=4)
    found = {path.name: oct(path.stat().st_mode) for path in (tmp_path / "all").rglob("*") if path.is_file()}
    assert found == {"file": "0o100444", "run": "0o100555", "a.pyc": "0o100444", "a.pth": "0o100444"}
    for bounds in ({"max_bytes": 10, "max_files": 4}, {"max_bytes": 11, "max_files": 3}):
        with pytest.raises(PathRefused, match="holds more than"):
            safeio.copy_out(root, "in", tmp_path / f"part-{bounds['max_files']}", **bounds)
    for path in ("link", "out", "pipe", "missing", "../work", "."):
        with pytest.raises(PathRefused):
            safeio.copy_out(root, path, tmp_path / "none", max_bytes=100, max_files=100)
