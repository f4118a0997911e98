import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse.errors import PathRefused
from agentverse.workspace.paths import check_collisions, plain_path, safe_path


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("main.py", "main.py"),
        ("./main.py", "main.py"),
        ("src//Pkg/./Main.PY", "src/Pkg/Main.PY"),
        ("src\\pkg\\a.py", "src/pkg/a.py"),
        ("数据/说明.md", "数据/说明.md"),
        ("a b/c d.txt", "a b/c d.txt"),
        ("docs/.gitignore", "docs/.gitignore"),
        (".env.example", ".env.example"),
        (".github/workflows/test.yml", ".github/workflows/test.yml"),
        ("git/gitignore.txt", "git/gitignore.txt"),
        ("console.py", "console.py"),
        ("...py.txt", None),
        ("a" * 120, "a" * 120),
    ],
)
def test_a_plain_path_is_kept_as_it_is_written(given, plain):
    if plain is None:
        with pytest.raises(PathRefused):
            safe_path(given)
    else:
        assert safe_path(given) == plain


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/etc/passwd", "absolute"),
        ("\\\\server\\share", "absolute"),
        ("../a.py", "leaves the workspace"),
        ("a/../../b.py", "leaves the workspace"),
        ("a\\..\\b.py", "leaves the workspace"),
        ("~/a.py", "'~'"),
        ("./~root/a.py", "'~'"),
        ("C:\\a.py", "drive letter"),
        ("c:a.py", "drive letter"),
        (".git/config", "'.git'"),
        ("sub/.GIT/hooks/post-commit", "'.git'"),
        (".Git", "'.git'"),
        ("git~1/config", "'.git'"),
        ("GIT~2", "'.git'"),
        (".git /config", "'.git'"),
        (".git./config", "'.git'"),
        (".git::$INDEX_ALLOCATION/config", "may not be in a name"),
        (".g\u200cit/config", "may not be in a name"),
        (".\ufeffgit", "may not be in a name"),
        ("a\nb.py", "may not be in a name"),
        ("a\x00.py", "may not be in a name"),
        ("a\x7f.py", "may not be in a name"),
        ("a\ud800.py", "may not be in a name"),
        ("a\u202egnp.py", "may not be in a name"),
        ("a?.py", "every system"),
        ("a.", "ends with a dot"),
        ("dir /a.py", "space"),
        (" a.py", "space"),
        ("aux.py", "device"),
        ("src/NUL", "device"),
        ("com1.tar.gz", "device"),
        ("", "names no file"),
        (".", "names no file"),
        ("src/", "names a folder"),
        ("src/.", "names a folder"),
        (".env", "hidden"),
        (".vscode/tasks.json", "hidden"),
        ("src/.github/a.yml", "hidden"),
        (".github", "hidden"),
        ("a" * 121, "120 bytes"),
        ("文" * 41, "120 bytes"),
        ("/".join(["a" * 100] * 3), "240 bytes"),
    ],
)
def test_a_path_that_may_not_be_written_is_refused_with_a_reason(path, reason):
    with pytest.raises(PathRefused, match=reason):
        safe_path(path)


def test_a_hidden_file_that_is_there_already_has_a_plain_path():
    assert plain_path("./.flake8") == ".flake8"
    with pytest.raises(PathRefused):
        plain_path("a/.git/config")


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["..", ".", "", "a", "B.py", ".git", "~", "c:", "\\"])).map("/".join)
)
def test_whatever_is_accepted_is_relative_plain_and_stays_the_same(path):
    try:
        safe = safe_path(path)
    except PathRefused:
        return
    parts = safe.split("/")
    assert not {"", ".", ".."} & set(parts)
    assert ".git" not in safe.casefold().split("/")
    assert safe_path(safe) == safe
    assert len(safe.encode()) <= 240
    assert parts == [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]


@pytest.mark.parametrize(
    ("present", "new"),
    [
        (["README.md"], ["readme.md"]),
        (["src/a.py"], ["Src/b.py"]),
        (["straße.txt"], ["STRASSE.txt"]),
        (["é.txt"], ["e\u0301.txt"]),
        (["a"], ["a/b.py"]),
        (["a/b.py"], ["a"]),
        (["A/b.py"], ["a"]),
        ([], ["x.py", "X.py"]),
        ([], ["x", "x/y"]),
    ],
)
def test_paths_that_cannot_lie_side_by_side_are_refused(present, new):
    with pytest.raises(PathRefused):
        check_collisions(present, new)


def test_paths_of_different_folders_do_not_collide():
    assert check_collisions(["a/x.py", "b/x.py", "ab"], ["c/x.py", "a/b/x.py"]) is None
