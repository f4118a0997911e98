"""Finding a sandbox, and saying what to do when there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.errors import SandboxUnavailable, UsageError
from agentverse.sandbox import fixes, registry
from agentverse.sandbox.bubblewrap import Bubblewrap


async def test_the_first_that_works_is_chosen():
    assert (await registry.choose()).name == "bubblewrap"
    assert isinstance(await registry.choose("bubblewrap"), Bubblewrap)


async def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UsageError, match="'bublewrap'") as caught:
        await registry.choose("bublewrap")
    assert "bubblewrap" in caught.value.fix


async def test_without_bubblewrap_the_install_command_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="bwrap is not installed") as caught:
        await registry.choose()
    assert "bubblewrap" in caught.value.fix


async def test_a_bwrap_that_fails_gives_its_words(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SandboxUnavailable, match="setting up uid map: Permission denied"):
        await registry.choose()


async def test_a_backend_registers_like_the_built_in_one():
    @registry.backend("test-only")
    class Mine(Bubblewrap):
        name = "test-only"

    assert "test-only" in registry.names()
    assert (await registry.choose("test-only")).name == "test-only"


@pytest.mark.parametrize(
    ("release", "package", "command"),
    [
        ("ID=debian\n", "bubblewrap", "apt-get install -y bubblewrap"),
        ('ID="linuxmint"\nID_LIKE="ubuntu debian"\n', "bubblewrap", "apt-get install -y bubblewrap"),
        ("ID=fedora\n", "bubblewrap", "dnf install -y bubblewrap"),
        ('ID="opensuse-leap"\n', "bubblewrap", "zypper install -y bubblewrap"),
        ("ID=fedora\n", "xvfb", "dnf install -y xorg-x11-server-Xvfb"),
        ("ID=debian\n", "xvfb", "apt-get install -y xvfb"),
        ("ID=alpine\n", "bubblewrap", "apk add bubblewrap util-linux-misc"),
        ("ID=unheard-of\n", "bubblewrap", "install the package bubblewrap with your distribution's package manager"),
    ],
)
def test_the_install_command_fits_the_distribution(tmp_path: Path, release, package, command):
    file = tmp_path / "os-release"
    file.write_text(release)
    assert fixes.install_command(package, file).removeprefix("sudo ") == command


def test_the_package_is_light():
    heavy = ("pydantic", "asyncio", "pytest")
    program = f"import sys, agentverse.sandbox.registry; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
