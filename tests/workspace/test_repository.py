import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.errors import PathRefused
from agentverse.workspace.objects import signature
from agentverse.workspace.protocol import Changes
from agentverse.workspace.repository import GitRepository

WHO = {"author": "Chief Technology Officer", "message": "Write it"}


def test_git_reads_what_was_committed(repo, git):
    start = repo.start(at=1_700_000_000, files={"a.txt": b"one\n"})
    first = repo.commit(
        start, Changes(write={"src/m.py": b"x = 1\n", "run.sh": b"#!/bin/sh\n"}), **WHO, at=1_700_000_060
    )
    second = repo.commit(
        first, Changes(write={"文/说明.md": "你好\n".encode()}, delete=frozenset({"a.txt"})), **WHO, at=1_700_000_120
    )

    assert git(repo.path, "fsck", "--strict", "--no-dangling") == ""
    log = git(repo.path, "log", "--format=%H|%an <%ae>|%cn|%aI|%s", second).splitlines()
    author = "Chief Technology Officer <chief-technology-officer@agentverse.invalid>"
    assert log == [
        f"{second}|{author}|agentverse|2023-11-14T22:15:20+00:00|Write it",
        f"{first}|{author}|agentverse|2023-11-14T22:14:20+00:00|Write it",
        f"{start}|agentverse <agentverse@agentverse.invalid>|agentverse|2023-11-14T22:13:20+00:00|Start",
    ]
    assert git(repo.path, "-c", "core.quotepath=off", "ls-tree", "-r", second).split() == [
        "100755", "blob", repo.tree(second)["run.sh"], "run.sh",
        "100644", "blob", repo.tree(second)["src/m.py"], "src/m.py",
        "100644", "blob", repo.tree(second)["文/说明.md"], "文/说明.md",
    ]  # fmt: skip


def test_the_same_history_has_the_same_ids_in_another_repository(repo, tmp_path):
    other = GitRepository.create(tmp_path / "elsewhere.git")
    ids = []
    for one in (repo, other):
        start = one.start(at=5)
        left = one.commit(start, Changes(write={"a.py": b"1", "b/c.py": b"2"}), author="程序员", message="甲", at=6)
        right = one.commit(start, Changes(write={"d.py": b"3"}), author="测试员", message="乙", at=7)
        ids.append([start, left, right, one.merge([left, right], message="Join", at=8).commit])
    other.close()
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 4


def test_reading_gives_back_what_was_written(repo):
    start = repo.start(at=1)
    files = {"b.bin": bytes(range(256)), "a/empty": b"", "a/crlf.txt": b"x\r\ny", "c.txt": b"no end"}
    commit = repo.commit(start, Changes(write=files), **WHO, at=2)
    assert list(repo.tree(commit)) == sorted(files)
    assert repo.files(commit) == files
    assert repo.read(commit, "c.txt") == b"no end"
    with pytest.raises(KeyError):
        repo.read(commit, "a")
    with pytest.raises(KeyError):
        repo.tree("0" * 40)


def test_a_commit_that_changes_nothing_is_its_base(repo):
    start = repo.start(at=1, files={"a": b"1"})
    assert repo.commit(start, Changes(write={"./a": b"1"}, delete=frozenset({"gone.py"})), **WHO, at=2) == start


def test_changes_lead_from_one_commit_to_the_other(repo):
    old = repo.start(at=1, files={"same": b"1", "edited": b"1", "gone/x": b"1"})
    new = repo.commit(
        old, Changes(write={"edited": b"2", "gone": b"now a file"}, delete=frozenset({"gone/x"})), **WHO, at=2
    )
    changes = repo.changed(old, new)
    assert changes == Changes(write={"edited": b"2", "gone": b"now a file"}, delete=frozenset({"gone/x"}))
    back = repo.commit(new, repo.changed(new, old), **WHO, at=3)
    assert repo.files(back) == repo.files(old)


@pytest.mark.parametrize(
    ("write", "delete", "reason"),
    [
        ({"../x": b""}, (), "leaves the workspace"),
        ({"x/.git/config": b""}, (), "version control"),
        ({"SRC/b.py": b""}, (), "letter case"),
        ({"src": b""}, (), "is a folder"),
        ({"src/a.py/b": b""}, (), "is a file"),
        ({"big": b"x" * (1 << 20) + b"x"}, (), "1,048,577 bytes"),
        ({"a.py": b"1", "./a.py": b"2"}, (), "twice"),
        ({}, ("../x",), "leaves the workspace"),
        ({".profile": b""}, (), "hidden"),
    ],
)
def test_a_commit_that_may_not_be_is_refused(repo, write, delete, reason):
    start = repo.start(at=1, files={"src/a.py": b"1"})
    with pytest.raises(PathRefused, match=reason):
        repo.commit(start, Changes(write=write, delete=frozenset(delete)), **WHO, at=2)


def test_a_file_may_take_the_place_of_a_folder_that_goes_and_a_name_another_case(repo):
    start = repo.start(at=1, files={"src/a.py": b"1", "Readme.md": b"1"})
    changes = Changes(write={"src": b"2", "README.md": b"1"}, delete=frozenset({"src/a.py", "Readme.md"}))
    assert set(repo.tree(repo.commit(start, changes, **WHO, at=2))) == {"src", "README.md"}


def test_too_many_files_and_too_many_bytes_are_refused(repo):
    start = repo.start(at=1)
    with pytest.raises(PathRefused, match="2001 files"):
        repo.commit(start, Changes(write={f"f{n}": b"" for n in range(2001)}), **WHO, at=2)
    megabyte = {f"f{n}": bytes([n]) * (1 << 20) for n in range(64)}
    full = repo.commit(start, Changes(write=megabyte), **WHO, at=2)
    with pytest.raises(PathRefused, match="64 are allowed"):
        repo.commit(full, Changes(write={"more": b"x" * 1_000_000}), **WHO, at=3)


def test_a_file_is_executable_when_it_says_what_runs_it(repo, git):
    one = repo.start(at=1, files={"a": b"#!/bin/sh\n", "b": b"text"})
    two = repo.commit(one, Changes(write={"a": b"text", "b": b"#!/usr/bin/env python\n"}), **WHO, at=2)
    modes = [line.split()[0] for line in git(repo.path, "ls-tree", two).splitlines()]
    assert modes == ["100644", "100755"]


@pytest.mark.parametrize("author", ["", "<>", "程序员", "A\nB <c@d>", "  .,:", "x\x00y", "\ud800"])
def test_any_author_and_message_make_a_commit_that_git_takes(repo, git, author):
    start = repo.start(at=1)
    commit = repo.commit(start, Changes(write={"a": b""}), author=author, message=f"\x00{author}\n\nmore", at=2)
    assert git(repo.path, "fsck", "--strict", "--no-dangling") == ""
    assert git(repo.path, "log", "--format=%ae", "-1", commit).strip().endswith("@agentverse.invalid")


def test_an_author_without_latin_letters_still_has_an_address():
    assert signature("程序员").decode() == "程序员 <agent@agentverse.invalid>"
    assert signature("Ünit Tester").decode() == "Ünit Tester <unit-tester@agentverse.invalid>"


def test_a_repository_that_was_closed_is_opened_again(repo):
    commit = repo.start(at=1, files={"a/b.py": b"1"})
    repo.close()
    again = GitRepository.open(repo.path)
    assert again.files(commit) == {"a/b.py": b"1"}
    again.close()
    with pytest.raises(FileExistsError):
        GitRepository.create(repo.path)
    with pytest.raises(FileNotFoundError):
        GitRepository.open(repo.path / "objects")


async def test_commits_may_be_made_from_several_threads(repo, git):
    start = repo.start(at=1)

    def one(number: int) -> str:
        return repo.commit(start, Changes(write={f"f{number}.py": b"1", "same.py": b"2"}), **WHO, at=2)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.to_thread(one, number)) for number in range(24)]
    merged = await asyncio.to_thread(repo.merge, [task.result() for task in tasks], message="Join", at=3)
    assert len(repo.tree(merged.commit)) == 25
    assert merged.conflicts == ()
    assert git(repo.path, "fsck", "--strict", "--no-dangling") == ""


KILLED = """
import sys
from pathlib import Path
from agentverse.workspace.protocol import Changes
from agentverse.workspace.repository import GitRepository
repo = GitRepository.open(Path(sys.argv[1]))
commit = sys.argv[2]
for n in range(100_000):
    files = {f"d{n % 7}/f{k}.py": b"%d" % n * 2000 for k in range(4)}
    commit = repo.commit(commit, Changes(write=files), author="A", message="m", at=n)
    print(commit, flush=True)
"""


def test_every_commit_that_was_reported_survives_kill_9(repo, git):
    start = repo.start(at=1)
    for count in (3, 11, 6):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(repo.path), start], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            commits = [process.stdout.readline().strip() for _ in range(count)]
            process.kill()
        again = GitRepository.open(repo.path)
        for commit in commits:
            assert again.files(commit)
        after = again.commit(commits[-1], Changes(write={"next.py": b"1"}), **WHO, at=9)
        assert again.read(after, "next.py") == b"1"
        again.close()
        assert git(repo.path, "fsck", "--strict", "--no-dangling") == ""


def test_a_commit_of_five_small_files_is_little_work(repo):
    commit = repo.start(at=1)
    steps = [Changes(write={f"src/f{k}.py": b"%d %d\n" % (n, k) * 50 for k in range(5)}) for n in range(100)]
    # Our own time; what the file system takes depends on the machine.
    before = os.times().user
    for at, changes in enumerate(steps):
        commit = repo.commit(commit, changes, **WHO, at=at)
    assert (os.times().user - before) / len(steps) < 0.003


def test_nobodys_git_configuration_counts(repo, monkeypatch, tmp_path: Path):
    """A hostile or odd configuration of the user's changes nothing in what is written."""
    before = repo.start(at=1, files={"a.txt": b"x\r\n"})
    (tmp_path / ".gitconfig").write_text(
        "[core]\n\tautocrlf = input\n\tcompression = 99\n[user]\n\tname = Eve\n[broken\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    other = GitRepository.create(tmp_path / "other.git")
    assert other.start(at=1, files={"a.txt": b"x\r\n"}) == before
    assert other.deliver(before, tmp_path / "out").joinpath("a.txt").read_bytes() == b"x\r\n"
    other.close()
