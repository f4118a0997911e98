"""Landlock: only on request, and what it lets a program do besides running."""

import asyncio
import os

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import registry
from agentverse.sandbox.protocol import Mount


async def test_it_is_chosen_only_when_asked_for(landlock, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable) as caught:
        await registry.choose()
    assert "Landlock" not in str(caught.value)
    assert (await registry.choose(minimum="lsm")).name == "landlock"
    assert (await registry.choose("landlock")).name == "landlock"


async def test_a_minimum_that_was_set_counts_for_a_backend_that_was_named(landlock):
    with pytest.raises(
        SandboxUnavailable, match=r"landlock is of strength lsm, and sandbox\.minimum is kernel"
    ) as caught:
        await registry.choose("landlock", minimum="kernel")
    assert 'sandbox.minimum = "lsm"' in caught.value.fix


async def test_a_stronger_one_goes_first(landlock):
    assert (await registry.choose(minimum="lsm")).name == "bubblewrap"


async def test_programs_have_places_for_temporary_files_and_a_home(landlock):
    source = "import pathlib, tempfile; tempfile.mkstemp(); (pathlib.Path.home() / 'kept').touch(); print('fine')"
    async with landlock.open() as box:
        assert (await box.exec(["python", "-c", source])).stdout == b"fine\n"


async def test_further_folders_are_refused_rather_than_left_out(landlock, tmp_path):
    async with landlock.open() as box:
        with pytest.raises(SandboxUnavailable, match="cannot show further folders"):
            await box.exec(["true"], mounts=[Mount(tmp_path, "/shown")])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to be")
async def test_root_does_not_lend_its_user_or_its_rights(landlock):
    source = """
import os
print(os.getuid() >= 61184, os.getgroups())
for line in open("/proc/self/status") if os.access("/proc/self/status", os.R_OK) else ():
    print(line)
for call in (lambda: os.setuid(0), lambda: os.chown("/etc", 0, 0), lambda: os.kill(os.getppid(), 0)):
    try:
        call()
        print("could")
    except PermissionError:
        pass
"""
    async with landlock.open() as box:
        assert (await box.exec(["python", "-c", source])).stdout == b"True []\n"


async def test_closing_ends_a_command_and_tells_whoever_waits(landlock):
    async with landlock.open() as box:
        waiting = asyncio.create_task(box.exec(["sh", "-c", "touch started; sleep 60"]))
        while "started" not in await box.export():
            assert not waiting.done()
    assert (await waiting).reason == "killed"
