"""Search/replace edits: found though not copied exactly, refused when it is not clear what they mean."""

from __future__ import annotations

import pytest

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.edits import read_edits

MAIN = """\
import sys


def area(width: float, height: float) -> float:
    if width < 0:
        raise ValueError("width")

    return width * height


class Box:
    def double(self) -> int:
        total = 1
        return total

    def triple(self) -> int:
        total = 1
        return total
"""
TEST = "from main import area\n\n\ndef test_area():\n    assert area(1, 2) == 2\n"


def expects(**more: object) -> Expectation:
    return Expectation("edits", base={"main.py": MAIN.encode(), "test_main.py": TEST.encode()}, **more)  # type: ignore[arg-type]


def edit(search: str, replace: str, path: str = "main.py") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


def apply(text: str, **more: object) -> tuple[str, Read]:
    found = read_edits(text, expects(**more))
    return found.value.write["main.py"].decode(), found


def problem(text: str, **more: object) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_edits(text, expects(**more))
    return caught.value


@pytest.mark.parametrize(
    "wrap", ["{}", "```\n{}```", "```python\n{}```", "Line 8 is wrong.\n\n```python main.py\n{}```\nDone."]
)
def test_an_exact_edit_changes_its_lines_and_nothing_else(wrap: str) -> None:
    after, found = apply(wrap.format(edit("    return width * height", "    return height * width")))
    assert after == MAIN.replace("width * height", "height * width")
    assert found.mended == []


def test_a_path_in_the_fence_or_in_a_heading_is_enough() -> None:
    body = edit("import sys", "import os").split("\n", 1)[1]
    for head in ("```python main.py\n", "**main.py**\n```\n", "### File: `main.py`\n\n```python\n"):
        assert apply(f"{head}{body}```")[0].startswith("import os")


def test_several_edits_of_several_files_are_applied_in_order() -> None:
    reply = (
        edit("import sys", "import os")
        + edit("import os", "import re")
        + edit("== 2", "== 2  # R1", "test_main.py")
        .replace("== 2\n=", "    assert area(1, 2) == 2\n=")
        .replace("== 2  # R1", "    assert area(1, 2) == 2  # R1")
    )
    found = read_edits(reply, expects())
    assert found.value.write["main.py"].decode().startswith("import re")
    assert found.value.write["test_main.py"].decode().endswith("# R1\n")


@pytest.mark.parametrize(
    ("search", "replace", "how"),
    [
        ("    return width * height   ", "    return 0", "trailing blanks"),
        (
            "if width < 0:\n    raise ValueError('x')".replace("'x'", '"width"'),
            "if width <= 0:\n    raise OSError",
            "indentation",
        ),
        (
            '        raise ValueError("width")\n    return width * height',
            "        return 0\n    return 1",
            "blank lines",
        ),
        (
            '    if width < 0:\n        raise ValueError("widht")\n',
            "    if width < 1:\n        raise OSError\n",
            "likeness",
        ),
    ],
)
def test_lines_not_copied_exactly_are_found(search: str, replace: str, how: str) -> None:
    after, found = apply(edit(search, replace))
    assert after != MAIN
    assert how in found.mended[0]


def test_a_shifted_replacement_is_indented_like_the_file() -> None:
    after, _ = apply(
        edit('if width < 0:\n    raise ValueError("width")', "if width < 0:\n    print()\n    raise OSError")
    )
    assert "    if width < 0:\n        print()\n        raise OSError\n" in after


def test_lines_that_are_not_there_are_answered_with_the_nearest() -> None:
    trouble = problem(edit("    return wide * tall * deep", "    return 0"))
    assert trouble.code == "no_match"
    assert "return width * height" in trouble.detail()


def test_lines_that_are_there_twice_ask_for_more() -> None:
    trouble = problem(edit("        total = 1\n        return total", "        return 2"))
    assert trouble.code == "ambiguous"
    assert "2 places" in trouble.detail()


def test_one_more_line_makes_it_clear() -> None:
    after, _ = apply(
        edit("    def triple(self) -> int:\n        total = 1", "    def triple(self) -> int:\n        total = 3")
    )
    assert after.count("total = 1") == 1


def test_an_empty_search_makes_a_new_file_and_spares_an_old_one() -> None:
    found = read_edits(edit("", "X = 1\n", "new.py"), expects())
    assert found.value.write == {"new.py": b"X = 1\n"}
    assert problem(edit("", "X = 1")).code == "no_match"


def test_a_whole_file_is_taken_where_edits_were_asked_for() -> None:
    after, found = apply("```python main.py\nX = 1\n```")
    assert after == "X = 1\n"
    assert "sent whole" in found.mended[0]


def test_lines_merely_quoted_do_not_replace_the_file() -> None:
    reply = "In main.py:\n```python main.py\n    return width * height\n```\nso:\n" + edit("import sys", "import os")
    assert apply(reply)[0] == MAIN.replace("import sys", "import os")


def test_an_edit_without_a_path_goes_where_its_lines_are() -> None:
    body = edit("import sys", "import os").split("\n", 1)[1]
    assert apply(body)[0].startswith("import os")
    assert problem(edit("pass", "x").split("\n", 1)[1]).code == "no_match"


def test_an_edit_made_twice_is_made_once() -> None:
    twice = edit("import sys", "import os\nimport re") * 2
    assert apply(twice)[0].count("import os") == 1


def test_dividing_lines_in_the_text_do_not_divide() -> None:
    base = {"a.rst": b"Title\n=======\n\ntext\n"}
    reply = "a.rst\n<<<<<<< SEARCH\nTitle\n=======\n=======\nHead\n=======\n>>>>>>> REPLACE\n"
    found = read_edits(reply, Expectation("edits", base=base))
    assert found.value.write["a.rst"].startswith(b"Head\n=======\n")


def test_line_ends_of_the_file_are_kept() -> None:
    found = read_edits(edit("b", "c", "a.txt"), Expectation("edits", base={"a.txt": b"a\r\nb\r\n"}))
    assert found.value.write == {"a.txt": b"a\r\nc\r\n"}


def test_nothing_to_replace_with_deletes_the_lines() -> None:
    assert (
        "ValueError"
        not in apply(edit('    if width < 0:\n        raise ValueError("width")\n', "").replace("\n\n>>>", "\n>>>"))[0]
    )


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "empty"),
        ("I cannot help with that.", "refusal"),
        ("All is well.", "no_fence"),
        (edit("import sys", "import sys"), "no_change"),
        (edit("import sys", "import ("), "syntax"),
        (edit("    return width * height", "    # ... rest of the code unchanged"), "elided"),
        (edit("import sys", "import os", "other.py"), "no_match"),
        (edit("import sys", "import os", "../main.py"), "path"),
        (edit("import sys", "import os")[:-20], "cut_off"),
        ("main.py\n<<<<<<< SEARCH\nimport sys\n>>>>>>> REPLACE\n", "no_match"),
    ],
)
def test_an_edit_that_cannot_be_used_says_why(reply: str, code: str) -> None:
    trouble = problem(reply)
    assert trouble.code == code
    assert trouble.detail("en")
    assert trouble.detail("zh")


def test_a_file_of_somebody_else_is_refused_with_the_reason() -> None:
    trouble = problem(
        edit("    assert area(1, 2) == 2", "    pass", "test_main.py"), owned={"test_main.py": "it is a test"}
    )
    assert trouble.code == "path"
    assert "it is a test" in trouble.detail()
