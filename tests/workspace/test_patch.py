import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentverse.workspace.protocol import Changes

OLD = {
    "edited.py": b"".join(b"line %d\n" % n for n in range(60)),
    "no newline": b"a\nb",
    "gains newline.txt": b"a\nb",
    "loses newline.txt": b"a\nb\n",
    "crlf.txt": b"one\r\ntwo\r\nthree\r\n",
    "lone-cr.txt": b"a\rb\nc\x0cd\xe2\x80\xa8e\n",
    "文件/说明.md": "你好\n".encode(),
    "gone.txt": b"bye\n",
    "gone/empty": b"",
    "latin.txt": b"caf\xe9\n",
    "picture.png": bytes(range(256)) * 9,
    "script": b"#!/bin/sh\necho\n",
    "untouched": b"x\n",
}
NEW = {
    "edited.py": OLD["edited.py"].replace(b"line 3\n", b"").replace(b"line 40\n", b"line forty\nand more\n"),
    "no newline": b"a\nc",
    "gains newline.txt": b"a\nb\n",
    "loses newline.txt": b"a\nb",
    "crlf.txt": b"one\r\n2\r\nthree\r\nfour",
    "lone-cr.txt": b"a\rB\nc\x0cD\xe2\x80\xa8e\n",
    "文件/说明.md": "你好\n再见\n".encode(),
    "new/深/file.txt": b"new\n",
    "new/empty": b"",
    "new/script.sh": b"#!/bin/sh\n",
    "latin.txt": b"caf\xe9s\n",
    "picture.png": bytes(range(255, -1, -1)) * 9,
    "new/data.bin": bytes(1000),
    "script": b"no script any more\n",
    "untouched": b"x\n",
}


def files_in(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_git_applies_a_patch_to_exactly_the_new_files(repo, git, tmp_path):
    old = repo.start(at=1, files=OLD)
    delete = frozenset(OLD.keys() - NEW.keys())
    new = repo.commit(old, Changes(write=NEW, delete=delete), author="A", message="m", at=2)
    patch = repo.patch(old, new)

    folder = repo.deliver(old, tmp_path / "out")
    git(folder, "apply", "--index", "-", input=patch)
    assert files_in(folder) == NEW
    assert git(folder, "write-tree").strip() == git(repo.path, "log", "-1", "--format=%T", new).strip()
    assert folder.joinpath("new/script.sh").stat().st_mode & stat.S_IXUSR
    git(folder, "apply", "-R", "--index", "-", input=patch)
    assert files_in(folder) == OLD


def test_a_patch_is_small_and_shows_only_what_changed(repo):
    old = repo.start(at=1, files=OLD)
    new = repo.commit(old, Changes(write={"edited.py": NEW["edited.py"]}), author="A", message="m", at=2)
    patch = repo.patch(old, new)
    assert patch.splitlines()[:4] == [
        "diff --git a/edited.py b/edited.py",
        f"index {repo.tree(old)['edited.py'][:7]}..{repo.tree(new)['edited.py'][:7]} 100644",
        "--- a/edited.py",
        "+++ b/edited.py",
    ]
    assert [line for line in patch.splitlines()[4:] if line[0] in "+-"] == [
        "-line 3",
        "-line 40",
        "+line forty",
        "+and more",
    ]
    assert repo.patch(old, old) == ""


@pytest.mark.parametrize("size", [1500, 30_000])
def test_a_long_file_is_compared_in_time_and_its_patch_applies(repo, git, tmp_path, size):
    before = b"".join(b"%d\n" % (n % 97) for n in range(size))
    after = b"".join(b"%d\n" % (n * 7 % 101) for n in range(size))
    old = repo.start(at=1, files={"long.txt": before})
    new = repo.commit(old, Changes(write={"long.txt": after}), author="A", message="m", at=2)
    folder = repo.deliver(old, tmp_path / "out")
    git(folder, "apply", "-", input=repo.patch(old, new))
    assert folder.joinpath("long.txt").read_bytes() == after


def test_an_edit_in_a_long_file_stays_an_edit(repo):
    lines = [b"line %d\n" % n for n in range(20_000)]
    old = repo.start(at=1, files={"long.txt": b"".join(lines)})
    lines[10_000] = b"edited\n"
    new = repo.commit(old, Changes(write={"long.txt": b"".join(lines)}), author="A", message="m", at=2)
    assert len(repo.patch(old, new).splitlines()) == 13


CONTENT = st.lists(
    st.sampled_from([b"a", b"b", b"\n", b"\r\n", b"\r", b" ", "é".encode(), b"\xff", b"\0"]), max_size=12
).map(b"".join)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(CONTENT, CONTENT), min_size=1, max_size=5))
def test_any_contents_travel_through_a_patch(repo, git, tmp_path_factory, pairs):
    names = [f"f {n}" for n in range(len(pairs))]
    old = repo.start(at=1, files=dict(zip(names, (pair[0] for pair in pairs), strict=True)))
    after = dict(zip(names, (pair[1] for pair in pairs), strict=True))
    new = repo.commit(old, Changes(write=after), author="A", message="m", at=2)
    folder = repo.deliver(old, tmp_path_factory.mktemp("out") / "product")
    if patch := repo.patch(old, new):
        git(folder, "apply", "-", input=patch)
    assert files_in(folder) == after
