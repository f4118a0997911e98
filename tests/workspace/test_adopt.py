import os
from pathlib import Path

import pytest

from agentverse.errors import UsageError
from agentverse.workspace.adopt import adopt
from agentverse.workspace.protocol import Changes


@pytest.fixture
def project(tmp_path: Path, git) -> Path:
    """A git repository with two commits, a tag and a second branch."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "trunk")
    (folder / "src/app.py").write_text("x = 1\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "plain.sh").write_text("#!/bin/sh\n")
    (folder / ".gitignore").write_text("*.log\nbuild/\n")
    (folder / ".flake8").write_text("[flake8]\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "First")
    git(folder, "checkout", "-qb", "secret")
    (folder / "token.txt").write_text("never to be taken")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Secret")
    git(folder, "checkout", "-q", "trunk")
    (folder / "src/app.py").write_text("x = 2\n")
    git(folder, "commit", "-qam", "Second")
    git(folder, "repack", "-adq")
    return folder


def snapshot(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.lstat().st_mtime_ns, path.lstat().st_mode) for path in [folder, *folder.rglob("*")])


def test_a_clean_git_repository_is_taken_over_with_its_history(repo, project, git):
    before = snapshot(project)
    adopted = adopt(repo, project, at=9)
    head = git(project, "rev-parse", "HEAD").strip()
    assert (adopted.commit, adopted.branch, dict(adopted.skipped)) == (head, "agentverse/run-1", {})
    assert git(repo.path, "log", "--format=%s", head).split() == ["Second", "First"]
    assert set(repo.tree(head)) == {"src/app.py", "run.sh", "plain.sh", ".gitignore", ".flake8"}
    assert git(repo.path, "fsck", "--strict", "--no-dangling") == ""
    secret = git(project, "rev-parse", "secret").strip()
    with pytest.raises(KeyError):
        repo.tree(secret)
    assert snapshot(project) == before


def test_a_changed_work_tree_becomes_a_commit_of_files_as_found(repo, project, git):
    (project / "src/app.py").write_text("x = 3\n")
    (project / "plain.sh").unlink()
    (project / "new.py").write_text("new\n")
    (project / "debug.log").write_text("ignored")
    (project / "kept.log").write_text("tracked although ignored")
    git(project, "add", "-f", "kept.log")
    (project / "build").mkdir()
    (project / "build/out.py").write_text("ignored")
    (project / ".env").write_text("KEY=secret")
    (project / "run.sh").chmod(0o644)
    before = snapshot(project)
    adopted = adopt(repo, project, at=1_700_000_000)
    assert set(repo.tree(adopted.commit)) == {"src/app.py", "run.sh", ".gitignore", ".flake8", "new.py", "kept.log"}
    assert repo.read(adopted.commit, "src/app.py") == b"x = 3\n"
    log = git(repo.path, "log", "--format=%s|%an", adopted.commit).splitlines()
    assert log == ["Files as found|agentverse", "Second|Ann", "First|Ann"]
    assert git(repo.path, "ls-tree", adopted.commit, "run.sh").startswith("100644")
    assert dict(adopted.skipped) == {
        ".env": "the file '.env' is hidden",
        "build": "ignored by .gitignore",
        "debug.log": "ignored by .gitignore",
    }
    assert snapshot(project) == before


def test_the_result_comes_back_as_a_branch_and_as_a_patch(repo, project, git, tmp_path):
    (project / "new.py").write_text("new\n")
    adopted = adopt(repo, project, at=9)
    changes = Changes(
        write={
            "src/app.py": b"x = 4\n",
            ".flake8": b"[flake8]\nmax = 1\n",
            "plain.sh": b"#!/bin/sh\necho\n",
            "t.py": b"t",
        },
        delete=frozenset({"new.py"}),
    )
    done = repo.commit(adopted.commit, changes, author="Programmer", message="Work", at=10)
    folder = repo.deliver(done, tmp_path / "out", branch=adopted.branch)
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "fsck", "--strict") == ""
    assert git(folder, "log", "--format=%s").splitlines() == ["Work", "Files as found", "Second", "First"]

    patch = repo.patch(adopted.commit, done)
    assert "mode" not in patch.replace("new file mode", "").replace("deleted file mode", "")
    git(project, "apply", "-", input=patch)
    assert {path: (project / path).read_bytes() for path in repo.tree(done)} == repo.files(done)
    assert not (project / "new.py").exists()
    git(project, "fetch", "-q", str(folder), adopted.branch)
    assert git(project, "rev-parse", "FETCH_HEAD").strip() == done
    assert git(project, "merge-base", "FETCH_HEAD", "trunk") == git(project, "rev-parse", "trunk")


def test_merges_work_on_top_of_an_adopted_history(repo, project, git):
    adopted = adopt(repo, project, at=9)
    sides = [
        repo.commit(adopted.commit, Changes(write={name: b"1\n"}), author="A", message="m", at=10)
        for name in ("a.py", "b.py")
    ]
    merged = repo.merge(sides, message="Join", at=11)
    assert merged.conflicts == ()
    assert {"a.py", "b.py", "src/app.py"} < set(repo.tree(merged.commit))
    assert repo.merge([adopted.commit, sides[0]], message="m", at=12).commit == sides[0]


def test_links_submodules_and_odd_names_stay_in_history_and_are_never_shown(repo, project, git, tmp_path):
    (project / "link").symlink_to("/etc/passwd")
    (project / "aux.c").write_text("int x;\n")
    (project / os.fsdecode(b"caf\xe9")).write_text("latin")
    (project / "big.bin").write_bytes(b"\0" * (2 << 20))
    git(project, "add", ".")
    git(project, "update-index", "--add", "--cacheinfo", "160000," + git(project, "rev-parse", "HEAD").strip() + ",sub")
    git(project, "commit", "-qm", "Odd things")
    adopted = adopt(repo, project, at=9)
    assert adopted.commit == git(project, "rev-parse", "HEAD").strip()
    assert adopted.skipped["link"] == "a link"
    assert adopted.skipped["big.bin"] == "larger than 1 MiB"
    shown = {"src/app.py", "run.sh", "plain.sh", ".gitignore", ".flake8", "big.bin"}
    assert set(repo.tree(adopted.commit)) == shown
    done = repo.commit(adopted.commit, Changes(write={"src/app.py": b"x = 9\n"}), author="A", message="m", at=10)
    folder = repo.deliver(done, tmp_path / "out")
    assert git(folder, "status", "--porcelain") == ""
    assert not os.path.lexists(folder / "link")
    assert git(folder, "diff", "--name-only", "HEAD~1", "HEAD") == "src/app.py\n"
    with pytest.raises(ValueError, match="link"):
        repo.commit(done, Changes(write={"link": b"x"}), author="A", message="m", at=11)


def test_a_folder_without_git_gives_its_plain_files(repo, tmp_path, git):
    folder = tmp_path / "project"
    for path in (
        "pkg",
        "node_modules/x",
        "pkg/__pycache__",
        "myenv/bin",
        ".vscode",
        "vendored/.git",
        "data",
        "agentverse-runs/r",
    ):
        (folder / path).mkdir(parents=True)
    (folder / "pkg/main.py").write_bytes(b"x\r\n")
    (folder / "说明.md").write_text("说明")
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "tool").chmod(0o755)
    (folder / ".gitignore").write_text("*.tmp\n")
    (folder / "a.tmp").write_text("x")
    (folder / "myenv/pyvenv.cfg").write_text("")
    for path in ("node_modules/x/i.js", "pkg/__pycache__/m.pyc", "myenv/bin/python", ".vscode/a.json", "vendored/v.py"):
        (folder / path).write_text("x")
    (folder / "data/large.csv").write_bytes(b"1,2\n" * 300_000)
    (folder / "data/text.csv").write_bytes(b"1,2\n" * 100_000)
    (folder / "data/picture.bin").write_bytes(b"\0" * 300_000)
    (folder / "data/small.bin").write_bytes(b"\0" * 100)
    (folder / "link.py").symlink_to("pkg/main.py")
    os.mkfifo(folder / "pipe")
    before = snapshot(folder)
    adopted = adopt(repo, folder, at=9)
    assert set(repo.tree(adopted.commit)) == {
        ".gitignore",
        "pkg/main.py",
        "说明.md",
        "tool",
        "data/text.csv",
        "data/small.bin",
    }
    assert repo.read(adopted.commit, "pkg/main.py") == b"x\r\n"
    assert git(repo.path, "ls-tree", adopted.commit, "tool").startswith("100755")
    assert dict(adopted.skipped) == {
        "agentverse-runs": "earlier runs",
        "node_modules": "packages",
        "pkg/__pycache__": "a cache",
        "myenv": "a virtual environment",
        ".vscode": "the folder '.vscode' is hidden",
        "vendored": "another git repository",
        "a.tmp": "ignored by .gitignore",
        "data/large.csv": "larger than 1 MiB",
        "data/picture.bin": "not text and larger than 256 KiB",
        "link.py": "a link",
        "pipe": "not a plain file",
    }
    assert snapshot(folder) == before


def test_the_run_may_lie_inside_the_folder_it_works_on(tmp_path, git):
    from agentverse.workspace.repository import GitRepository

    (tmp_path / "a.py").write_text("x\n")
    inner = GitRepository.create(tmp_path / "my-runs" / "run-7" / "repository.git")
    adopted = adopt(inner, tmp_path, at=1)
    assert set(inner.tree(adopted.commit)) == {"a.py"}
    assert adopted.branch == "agentverse/run-7"
    assert adopted.skipped == {"my-runs/run-7": "this run"}
    inner.close()


def test_a_git_repository_without_a_commit_gives_its_files(repo, tmp_path, git):
    folder = tmp_path / "fresh"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.py").write_text("x\n")
    adopted = adopt(repo, folder, at=1)
    assert set(repo.tree(adopted.commit)) == {"a.py"}
    assert git(repo.path, "log", "--format=%s|%P", adopted.commit) == "Files as found|\n"


def test_a_shallow_clone_and_a_linked_work_tree_can_be_taken_over(project, git, tmp_path):
    from agentverse.workspace.repository import GitRepository

    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{project}", "shallow")
    git(project, "worktree", "add", "-q", str(tmp_path / "linked"), "secret")
    for name, count in (("shallow", 1), ("linked", 2)):
        repo = GitRepository.create(tmp_path / f"run-{name}" / "repository.git")
        adopted = adopt(repo, tmp_path / name, at=1)
        assert adopted.commit == git(tmp_path / name, "rev-parse", "HEAD").strip()
        folder = repo.deliver(adopted.commit, tmp_path / f"out-{name}")
        assert len(git(folder, "log", "--format=%H").split()) == count
        assert git(folder, "status", "--porcelain") == ""
        assert git(folder, "fsck", "--strict") == ""
        sides = [
            repo.commit(adopted.commit, Changes(write={path: b"1"}), author="A", message="m", at=2)
            for path in ("a.py", "b.py")
        ]
        assert {"a.py", "b.py"} < set(repo.tree(repo.merge(sides, message="Join", at=3).commit))
        repo.close()


def test_files_left_out_of_a_sparse_checkout_are_not_taken_for_deleted(repo, project, git):
    git(project, "sparse-checkout", "set", "--no-cone", "/run.sh", "/.gitignore")
    assert not (project / "src").exists()
    adopted = adopt(repo, project, at=1)
    assert adopted.commit == git(project, "rev-parse", "HEAD").strip()


def test_where_the_file_system_has_no_modes_those_of_the_history_stay(repo, project, git):
    git(project, "config", "core.filemode", "false")
    for path in project.glob("*.sh"):
        path.chmod(0o755)
    adopted = adopt(repo, project, at=1)
    assert adopted.commit == git(project, "rev-parse", "HEAD").strip()


def test_nothing_to_work_on_too_much_and_unreadable_folders_are_said(repo, project, git, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "many").mkdir()
    for number in range(2001):
        (tmp_path / "many" / f"{number}.txt").write_text("")
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    git(tmp_path, "clone", "-q", "--bare", str(project), "bare")
    git(tmp_path, "init", "-q", "--object-format=sha256", "sha256")
    (tmp_path / "sha256" / "a").write_text("a")
    git(tmp_path / "sha256", "add", ".")
    git(tmp_path / "sha256", "commit", "-qm", "m")
    for name, said in (
        ("absent", "no folder"),
        ("empty", "no files to work on"),
        ("many", "more than can be worked on"),
        ("broken", "cannot be read"),
        ("bare", "without files"),
        ("sha256", "SHA-256"),
    ):
        with pytest.raises(UsageError, match=said):
            adopt(repo, tmp_path / name, at=1)


def test_a_history_with_missing_objects_is_said(repo, project, git):
    (project / "lost.txt").write_text("lost")
    git(project, "add", ".")
    git(project, "commit", "-qm", "Third")
    blob = git(project, "rev-parse", "HEAD:lost.txt").strip()
    (project / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match="incomplete"):
        adopt(repo, project, at=1)
