"""What models and commands wrote, made safe and readable."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agentverse
from agentverse.blueprint.artifacts import ShowKind
from agentverse.cli.asking import read_answer
from agentverse.cli.replies import readable
from agentverse.cli.text import clean, columns, cut, one_line, pad, size, thousands
from agentverse.cli.words import WORDS
from agentverse.journal.events import GateOpened
from agentverse.models.catalogue.checkup import Code
from agentverse.models.catalogue.fit import Reason
from agentverse.models.profiles import Thinking


@given(st.text())
def test_nothing_is_left_that_a_terminal_acts_on(text: str) -> None:
    said = clean(text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
    said.encode("utf-8")


def test_escapes_are_shown_as_what_they_are() -> None:
    assert clean("a\x1b[2Jb\r\nc\td\x9b1m\u202ee") == "a\\x1b[2Jb\nc    d\\x9b1m\\x202ee"
    assert one_line(" a\n\n b\rc ") == "a b\\x0dc"


@given(st.text(alphabet="ab中文🙂 "), st.integers(2, 40))
def test_a_cut_line_fits_and_says_that_it_was_cut(text: str, width: int) -> None:
    from rich.cells import cell_len

    line = cut(text, width)
    assert cell_len(line) <= width
    assert line == text or line.endswith("…")


@pytest.mark.parametrize(("number", "said"), [(999, "999"), (1000, "1.0k"), (12_345, "12.3k"), (3_100_000, "3.1M")])
def test_thousands(number: int, said: str) -> None:
    assert thousands(number) == said


@pytest.mark.parametrize(("count", "said"), [(999, "1 kB"), (657_400_000, "657 MB"), (1_560_000_000, "1.6 GB")])
def test_sizes(count: int, said: str) -> None:
    assert size(count) == said


@given(st.text(alphabet="ab中文🙂 ", max_size=20))
def test_a_padded_line_is_as_wide_as_asked_for(line: str) -> None:
    from rich.cells import cell_len

    assert columns(line) == cell_len(line)
    assert columns(pad(line, 40)) == 40
    assert pad(line, 1).startswith(line)


def test_code_becomes_its_file_and_length() -> None:
    text = "Here:\n\n```python a/b.py\nx = 1\ny = 2\n```\nand\n~~~\nz\n~~~\ndone"
    assert readable(text, "en") == ["Here:", "▸ a/b.py, 2 lines", "and", "▸ code, 1 lines", "done"]
    assert readable(text, "en", full=True) == text.split("\n")


def test_a_fence_within_a_longer_fence_is_part_of_it() -> None:
    assert readable("````markdown README.md\n```sh\nls\n```\n````", "en") == ["▸ README.md, 3 lines"]


def test_a_fence_that_never_ends_is_counted_to_the_end() -> None:
    assert readable("```python x.py\na\nb", "en") == ["▸ x.py, 2 lines"]


def test_edits_are_counted_by_file() -> None:
    edit = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
    assert readable(f"I mend it.\nmain.py\n{edit}{edit}`b.py`\n{edit}", "en") == [
        "I mend it.",
        "▸ edits to main.py: 2",
        "▸ edits to b.py: 1",
    ]
    assert readable(f"```python\nmain.py\n{edit}```", "en") == ["▸ edits to main.py: 1"]


def test_a_value_is_a_list_and_not_json() -> None:
    value = {
        "title": "T",
        "items": [{"id": "R1", "text": "adds", "test": ""}, {"id": "R2", "text": "prints"}],
        "dependencies": [],
        "names": ["a", "b"],
        "approved": False,
    }
    said = readable(json.dumps(value), "en")
    assert said == ["title: T", "items:", "  - R1: adds", "  - R2: prints", "names: a, b", "approved: no"]
    assert readable("```json\n" + json.dumps(value) + "\n```", "en") == said


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=12,
    )
)
def test_any_value_can_be_read(value: object) -> None:
    for line in readable(json.dumps(value), "en"):
        assert "\n" not in line


@given(st.lists(st.sampled_from(["```", "~~~", "```py x", "<<<<<<< SEARCH", ">>>>>>> REPLACE", "=======", "text", ""])))
def test_any_reply_can_be_read(lines: list[str]) -> None:
    assert readable("\n".join(lines), "zh")


def gate(choices: list[str], default: str | None = None) -> GateOpened:
    return GateOpened(phase="p", visit=1, question="?", choices=choices, default=default)


@pytest.mark.parametrize(
    ("line", "asked", "answer"),
    [
        ("2", gate(["yes", "no"]), ("", "no")),
        ("YES", gate(["yes", "no"]), ("", "yes")),
        ("3", gate(["yes", "no"]), ("", "")),
        ("0", gate(["yes", "no"]), ("", "")),
        ("maybe", gate(["yes", "no"]), ("", "")),
        ("", gate(["yes", "no"]), ("", "")),
        ("", gate(["yes", "no"], "no"), ("", "no")),
        (" free words ", gate([]), ("free words", "")),
        ("", gate([], "as it is"), ("as it is", "")),
        ("²", gate(["yes", "no"]), ("", "")),
        ("7", gate(["7", "1"]), ("", "7")),
    ],
)
def test_an_answer_is_a_number_or_its_text(line: str, asked: GateOpened, answer: tuple[str, str]) -> None:
    assert read_answer(line, asked) == answer


def test_every_word_is_there_in_both_languages_with_the_same_blanks() -> None:
    for name, texts in WORDS.items():
        assert set(texts) == {"en", "zh"}, name
        blanks = [set(re.findall(r"\{(\w+)", text)) for text in texts.values()]
        assert blanks[0] == blanks[1], name


def test_every_word_that_is_said_is_in_the_table_and_none_is_idle() -> None:
    said: set[str] = set()
    for path in (Path(agentverse.__file__).parent / "cli").rglob("*.py"):
        if path.name == "words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if called in ("word", "_say") and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in WORDS, f"{path.name}: {node.args[0].value}"
    rungs_and_outcomes = {"reask", "continue", "resample", "escalate", "give_up", "succeeded", "failed", "stopped"}
    composed = {f"as_{kind}" for kind in get_args(ShowKind)}
    composed |= {f"fit_{reason}" for reason in get_args(Reason) if reason != "form"}
    composed |= {f"step_{code}" for code in get_args(Code) if code != "driver"}
    composed |= {f"thinks_{mode}" for mode in get_args(Thinking)}
    composed |= {"model_found", "model_served", "server_died", "server_gone"}
    composed |= {f"stage_{name}" for name in ("weights", "compiles", "memory", "graphs")}
    assert composed <= set(WORDS)
    assert set(WORDS) - said - rungs_and_outcomes - composed == set()
