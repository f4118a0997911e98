import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from agentverse.errors import UsageError
from agentverse.workspace.protocol import Changes
from agentverse.workspace.repository import GitRepository

FILES = {
    "main.py": b"print('hi')\n",
    "run.sh": b"#!/bin/sh\necho hi\n",
    "pkg/deep/数据.txt": "值\n".encode(),
    "crlf.txt": b"a\r\nb\r\n",
    ".gitignore": b"*.log\n",
}


@pytest.fixture
def commits(repo):
    first = repo.start(at=1_700_000_000, files=FILES)
    changes = Changes(write={"main.py": b"print('hello')\n", "new.py": b""}, delete=frozenset({"crlf.txt"}))
    return first, repo.commit(first, changes, author="Programmer", message="Greet", at=1_700_000_060)


def test_the_product_is_plain_files_and_a_clean_git_repository(repo, commits, git, tmp_path):
    folder = repo.deliver(commits[1], tmp_path / "run-1" / "workspace")
    assert folder == tmp_path / "run-1" / "workspace"
    assert {path: folder.joinpath(path).read_bytes() for path in repo.tree(commits[1])} == repo.files(commits[1])
    assert git(folder, "status", "--porcelain", "--branch") == "## main\n"
    assert git(folder, "log", "--format=%H").split() == [commits[1], commits[0]]
    assert git(folder, "fsck", "--strict") == ""
    assert git(folder, "diff", "--stat", "HEAD~1", "HEAD").splitlines()[-1].startswith(" 3 files changed")
    assert git(repo.path, "rev-parse", "main").strip() == commits[1]


def test_a_user_can_go_on_working_in_the_product(repo, commits, git, tmp_path):
    folder = repo.deliver(commits[1], tmp_path / "out", branch="agentverse/run-1")
    assert git(folder, "branch", "--show-current") == "agentverse/run-1\n"
    folder.joinpath("main.py").write_text("print('mine')\n")
    assert git(folder, "status", "--porcelain") == " M main.py\n"
    git(folder, "commit", "-qam", "Mine")
    git(folder, "checkout", "-q", "-b", "other", commits[0])
    assert folder.joinpath("crlf.txt").read_bytes() == FILES["crlf.txt"]
    git(folder, "gc", "-q")
    assert git(folder, "fsck", "--strict") == ""


def test_modes_are_plain_whatever_the_umask(repo, commits, tmp_path):
    mask = os.umask(0o077)
    try:
        folder = repo.deliver(commits[0], tmp_path / "out")
    finally:
        os.umask(mask)
    modes = {
        path: stat.S_IMODE(folder.joinpath(path).stat().st_mode) for path in (".", "pkg/deep", "main.py", "run.sh")
    }
    assert modes == {".": 0o755, "pkg/deep": 0o755, "main.py": 0o644, "run.sh": 0o755}
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert not (folder / ".git" / "hooks").exists()


def test_an_unchanged_delivery_is_replaced_even_after_git_looked_at_it_and_the_product_ran(
    repo, commits, git, tmp_path
):
    folder = repo.deliver(commits[0], tmp_path / "out")
    git(folder, "status")
    folder.joinpath("pkg/__pycache__").mkdir()
    folder.joinpath("pkg/__pycache__/a.cpython-311.pyc").write_bytes(b"x")
    assert repo.deliver(commits[1], tmp_path / "out") == folder
    assert folder.joinpath("main.py").read_bytes() == b"print('hello')\n"
    assert not folder.joinpath("crlf.txt").exists()
    assert git(folder, "status", "--porcelain") == ""
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".out", "out"))] == ["out"]


def test_delivering_the_same_again_touches_nothing(repo, commits, tmp_path):
    folder = repo.deliver(commits[0], tmp_path / "out")
    before = folder.stat().st_ino
    assert repo.deliver(commits[0], tmp_path / "out") == folder
    assert folder.stat().st_ino == before


def _edit(folder):
    folder.joinpath("main.py").write_text("mine")


def _add(folder):
    folder.joinpath("mine.txt").write_text("mine")


def _remove(folder):
    folder.joinpath("main.py").unlink()


def _link(folder):
    folder.joinpath("link").symlink_to("/etc")


def _branch(folder):
    folder.joinpath(".git/refs/heads/mine").write_text(folder.joinpath(".git/refs/heads/main").read_text())


@pytest.mark.parametrize("change", [_edit, _add, _remove, _link, _branch])
def test_what_the_user_did_is_never_overwritten(repo, commits, tmp_path, change):
    folder = repo.deliver(commits[0], tmp_path / "out")
    change(folder)
    before = sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))
    assert repo.deliver(commits[1], tmp_path / "out") == tmp_path / "out-2"
    assert repo.deliver(commits[0], tmp_path / "out") == tmp_path / "out-2"
    assert sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*")) == before


def test_folders_links_and_files_of_the_user_are_left_alone(repo, commits, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    (tmp_path / "out-2").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out-3").write_text("mine")
    (tmp_path / "out-4").mkdir()
    assert repo.deliver(commits[0], tmp_path / "out") == tmp_path / "out-4"
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"
    assert (tmp_path / "out-4" / "main.py").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_a_delivery_by_another_run_is_the_users(repo, commits, tmp_path):
    folder = repo.deliver(commits[0], tmp_path / "out")
    other = GitRepository.create(tmp_path / "run-2" / "repository.git")
    start = other.start(at=1, files={"x": b"1"})
    assert other.deliver(start, folder) == tmp_path / "out-2"
    other.close()


def test_a_moved_run_still_knows_its_delivery(repo, commits, tmp_path):
    repo.deliver(commits[0], tmp_path / "run-1" / "workspace")
    repo.close()
    shutil.move(tmp_path / "run-1", tmp_path / "moved")
    again = GitRepository.open(tmp_path / "moved" / "repository.git")
    assert again.deliver(commits[1], tmp_path / "moved" / "workspace") == tmp_path / "moved" / "workspace"
    again.close()


def test_a_delivery_that_was_killed_between_its_renames_is_put_right(repo, commits, tmp_path):
    folder = repo.deliver(commits[0], tmp_path / "out")
    folder.rename(tmp_path / ".out.agentverse-old")
    shutil.copytree(tmp_path / ".out.agentverse-old", tmp_path / ".out.agentverse-new")
    assert repo.deliver(commits[1], tmp_path / "out") == folder
    assert folder.joinpath("main.py").read_bytes() == b"print('hello')\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run-1"]


def test_a_delivery_that_was_killed_before_its_renames_is_done_again(repo, commits, tmp_path):
    folder = repo.deliver(commits[0], tmp_path / "out")
    shutil.copytree(folder, tmp_path / "kept")
    repo.deliver(commits[1], tmp_path / "out")
    shutil.rmtree(folder)
    (tmp_path / "kept").rename(folder)
    assert repo.deliver(commits[1], tmp_path / "out") == folder
    assert folder.joinpath("main.py").read_bytes() == b"print('hello')\n"


KILLED = """
import sys
from pathlib import Path
from agentverse.workspace.repository import GitRepository
repo = GitRepository.open(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(100_000):
    repo.deliver(sys.argv[2 + n % 2], Path(sys.argv[4]))
    print(n, flush=True)
"""


def test_kill_9_leaves_a_whole_delivery_that_may_be_replaced(repo, commits, git, tmp_path):
    words = [sys.executable, "-c", KILLED, str(repo.path), *commits, str(tmp_path / "out")]
    for lines in (2, 3, 5, 4):
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            process.kill()
        json.loads((repo.path / "deliveries.json").read_text())
        again = GitRepository.open(repo.path)
        for commit in commits:
            assert again.deliver(commit, tmp_path / "out") == tmp_path / "out"
            assert git(tmp_path / "out", "status", "--porcelain") == ""
        again.close()


@pytest.mark.parametrize("branch", ["a..b", "-x/../y", "a b", "", "x.lock", "/x"])
def test_a_name_that_is_none_for_a_branch_is_refused(repo, commits, tmp_path, branch):
    with pytest.raises(UsageError):
        repo.deliver(commits[0], tmp_path / "out", branch=branch)
    assert not (tmp_path / "out").exists()
