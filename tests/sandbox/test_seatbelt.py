"""The backend for macOS, as far as it can be tested elsewhere: its rules' text, and what happens around them.

A program that only runs what it is given stands in for ``sandbox-exec``, so nothing here shows that anything is held.
"""

import asyncio
import os
import platform
from pathlib import Path

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import registry
from agentverse.sandbox.folder import FolderBox
from agentverse.sandbox.protocol import Limits, Mount
from agentverse.sandbox.seatbelt import Confined, Seatbelt, info, profile
from tests.sandbox.attacks.targets import living


@pytest.fixture
def box(tmp_path: Path) -> FolderBox:
    stand_in = tmp_path / "sandbox-exec"
    stand_in.write_text('#!/bin/sh\n[ "$1" = -f ] && [ -s "$2" ] || exit 64\nshift 2\nexec "$@"\n')
    stand_in.chmod(0o755)
    return FolderBox(info("loopback"), Confined(str(stand_in), "loopback"), Limits(wall=30.0))


def test_paths_stay_paths_whatever_they_hold():
    text = profile(read=['/a "b" (c)', "/back\\slash"], write=["/wörk/空 格"], network="none")
    assert r'(subpath "/a \"b\" (c)") (subpath "/back\\slash")' in text
    assert '(subpath "/wörk/空 格")' in text
    outside = text.replace(r"\"", "").split('"')[::2]  # what is not in a string
    assert "".join(outside).count("(") == "".join(outside).count(")")
    with pytest.raises(SandboxUnavailable, match="cannot name the path") as caught:
        profile(read=["/new\nline"], write=[], network="none")
    assert "control characters" in caught.value.fix


def test_rules_start_from_nothing_and_give_the_network_only_where_it_is_wanted():
    text = profile(read=["/usr"], write=["/work"], network="loopback")
    assert text.startswith("(version 1)\n(deny default)\n")
    assert "network" not in profile(read=[], write=[], network="none")
    assert [line for line in text.splitlines() if "network" in line and "localhost" not in line] == []
    assert [line for line in text.splitlines() if "file-write" in line and "/usr" in line] == []


async def test_commands_get_their_folders_words_limits_and_report(box):
    async with box:
        await box.put({"sub/in.txt": b"here"})
        source = 'cat in.txt - && ulimit -n && echo "$TMPDIR" && cp in.txt "$AGENTVERSE_REPORT" && exit 3'
        result = await box.exec(
            ["sh", "-c", source], cwd="sub", stdin=b" and given\n", report=True, limits=Limits(nofile=99)
        )
        assert (result.exit_code, result.reason, result.report) == (3, "exited", b"here"), result.stderr
        said = result.stdout.decode().splitlines()
        assert said[:2] == ["here and given", "99"]
        assert not os.access(said[2], os.F_OK)  # each command has its own, and it is gone
        assert (await box.exec(["no-such-program"])).exit_code == 127
        assert (await box.exec(["python", "-c", "print(6 * 7)"])).stdout == b"42\n"
        with pytest.raises(SandboxUnavailable, match="cannot show further folders"):
            await box.exec(["true"], mounts=[Mount(Path("/usr"), "/x")])


async def test_the_group_dies_with_its_command(box):
    mark = "av-group-mark"
    async with box:
        left = await box.exec(["sh", "-c", f"sh -c 'while :; do sleep 1; done' {mark} & exit 0"])
        assert (left.reason, living(mark)) == ("exited", [])
        late = await box.exec(["sh", "-c", f"sh -c 'while :; do sleep 1; done' {mark}; true"], limits=Limits(wall=0.5))
        assert (late.reason, living(mark)) == ("timeout", [])


async def test_nothing_of_it_needs_what_only_linux_has(box, monkeypatch):
    for name in ("pidfd_open", "memfd_create"):
        monkeypatch.delattr(os, name)
    async with box:
        assert (await box.exec(["cat"], stdin=b"through a file")).stdout == b"through a file"
        results = await asyncio.gather(*(box.exec(["sh", "-c", f"exit {n}"]) for n in range(4)))
        assert [result.exit_code for result in results] == [0, 1, 2, 3]


@pytest.mark.skipif(platform.system() == "Darwin", reason="says where it does not exist")
async def test_elsewhere_it_says_in_one_sentence_that_it_is_not_for_here():
    with pytest.raises(SandboxUnavailable, match="Seatbelt does not work here: it exists for macOS only") as caught:
        await Seatbelt().probe()
    assert caught.value.fix == "use bubblewrap or a container"


def test_it_is_only_there_on_request_and_says_that_it_is_untested():
    assert "seatbelt" in registry.names()
    assert "seatbelt" in registry.WEAK
    assert "untested" in info("loopback").enforced["files"]
    assert info("loopback").strength == "lsm"
