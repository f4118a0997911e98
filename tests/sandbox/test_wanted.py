"""What a product asks for is read strictly, and judged by name."""

import pytest
from pydantic import ValidationError

from agentverse.sandbox.packages.policy import PackagePolicy, common, nearest
from agentverse.sandbox.packages.wanted import Wish, read_wish


def asked(text: str, *agreed: str) -> Wish:
    return read_wish({"requirements.txt": text.encode()}, agreed)


def test_plain_requirements_are_read_and_named_as_the_index_does():
    wish = asked("# needed\nFlask[async]>=3,<4  # web\n\nruamel_yaml ; python_version >= '3.8'\r\nNumPy\n")
    assert [(one.name, one.line, one.where) for one in wish.wanted] == [
        ("flask", "Flask[async]<4,>=3", "requirements.txt:2"),
        ("numpy", "NumPy", "requirements.txt:5"),
        ("ruamel-yaml", 'ruamel_yaml; python_version >= "3.8"', "requirements.txt:4"),
    ]
    assert wish.refused == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-r /etc/passwd", "is an option"),
        ("-e .", "is an option"),
        ("--index-url http://evil/simple", "is an option"),
        ("--no-binary :all:", "is an option"),
        ("flask --hash=sha256:00", "is not a package's name"),
        ("flask @ http://evil/flask.whl", "comes from a link"),
        ("flask @ file:///work/flask", "comes from a link"),
        ("git+https://evil/flask", "is not a package's name"),
        ("http://evil/flask.whl", "is not a package's name"),
        ("./flask", "is not a package's name"),
        ("/work/flask", "is not a package's name"),
        ("flask-1.0-py3-none-any.whl", "is a file"),
        ("flask.tar.gz", "is a file"),
        ("flask==${SECRET}", "is continued or holds a variable"),
        ("flask \\", "is continued or holds a variable"),
        ("a b", "is not a package's name"),
        ("flask\x00", "is not a package's name"),
    ],
)
def test_whatever_else_installers_understand_is_refused_with_its_line(line: str, why: str):
    wish = asked(f"rich\n{line}\n")
    (refused,) = wish.refused
    assert (refused.where, refused.why.startswith(why)) == ("requirements.txt:2", True), str(refused)
    assert [one.name for one in wish.wanted] == ["rich"]


def test_a_package_that_is_asked_for_twice_has_to_be_asked_for_once():
    assert asked("rich\nrich\n").refused == ()
    (refused,) = asked("rich\nRich>=3\n").refused
    assert str(refused) == "requirements.txt:2: 'Rich>=3' asks for rich again"


def test_what_is_there_anyway_is_dropped():
    wish = asked("pytest>=7\njson\npython>=3.9\nrich", "sqlite3", "tkinter")
    assert [one.name for one in wish.wanted] == ["rich"]
    assert wish.dropped == ("pytest", "json", "python", "sqlite3", "tkinter")


def test_modules_are_taken_for_packages_only_in_what_was_agreed():
    wish = asked("", "PIL", "cv2", "yaml", "sklearn", "flask", "an HTTP client", "-e .")
    assert [one.line for one in wish.wanted] == ["flask", "opencv-python", "pillow", "pyyaml", "scikit-learn"]
    assert wish.dropped == ("an HTTP client", "-e .")
    assert [one.name for one in asked("yaml").wanted] == ["yaml"]


def test_what_the_file_says_goes_before_what_was_agreed():
    assert [one.line for one in asked("Flask==3.0", "flask").wanted] == ["Flask==3.0"]


def test_too_much_is_refused():
    assert "more than 60" in str(asked("\n".join(f"a{n}" for n in range(61))).refused[0])
    assert "more than 65536" in str(asked("#" * 70_000).refused[0])


@pytest.mark.parametrize(
    ("policy", "flask", "mine", "unknown"),
    [
        ({}, "allowed", "ask", "ask"),
        ({"others": "refuse"}, "allowed", "refused", "refused"),
        ({"extra": ["My_Package"]}, "allowed", "allowed", "ask"),
        ({"allow": "listed", "extra": "my.package, other"}, "ask", "allowed", "ask"),
        ({"allow": "any", "others": "refuse"}, "allowed", "allowed", "allowed"),
        ({"allow": "none", "extra": ["my-package"]}, "refused", "refused", "refused"),
    ],
)
def test_settings_judge_a_name(policy: dict, flask: str, mine: str, unknown: str):
    made = PackagePolicy(**policy)
    assert [made.judge(name) for name in ("flask", "my-package", "unknown")] == [flask, mine, unknown]


@pytest.mark.parametrize("wrong", [{"allow": "some"}, {"index": "file:///srv"}, {"newest_days": -1}, {"index": "a b"}])
def test_wrong_settings_are_refused(wrong: dict):
    with pytest.raises(ValidationError):
        PackagePolicy(**wrong)


def test_the_shipped_list_holds_names_in_order_and_as_requirements_spell_them():
    from packaging.utils import canonicalize_name

    assert {canonicalize_name(name) for name in common()} == common()
    assert {"flask", "fastapi", "uvicorn", "pygame", "numpy", "requests", "pillow"} <= common()
    assert not {"pytest", "tkinter", "json"} & common()


def test_a_near_name_is_named():
    assert nearest("falsk") == "Did you mean 'flask'?"
    assert nearest("cv2") == "Did you mean 'opencv-python'?"
    assert nearest("flask") == ""
    assert nearest("qqqqqqq") == ""
