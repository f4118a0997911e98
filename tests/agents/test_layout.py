"""Prompts share their beginnings, and are short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agentverse.agents.layout import build_context, messages, system_text
from agentverse.agents.protocol import Context, Expectation, Segment, SourceFile, TurnRequest
from agentverse.blueprint.artifacts import Design, Evidence, Requirements, Verdict
from agentverse.blueprint.role import Role
from agentverse.errors import ContextOverflow
from agentverse.models.protocol import Profile

Turn = Callable[..., TurnRequest]
PROFILE = Profile("any")
REQUIREMENTS = Requirements.model_validate(
    {"title": "Tally", "summary": "Counts words.", "items": [{"id": "R1", "text": "Counts.", "test": "'a b' gives 2"}]}
)
DESIGN = Design.model_validate(
    {
        "files": [
            {"path": "main.py", "purpose": "Starts.", "names": ["main() -> int"], "depends_on": ["tally.py"]},
            {"path": "tally.py", "purpose": "Counts.", "names": ["count(text: str) -> int"]},
        ],
        "entry": "main.py",
    }
)
FILES = (
    SourceFile("tally.py", "def count(text):\n    return 1\n", "source"),
    SourceFile("a.md", "```\nx\n```\n", "manual"),
)


def context(language: str = "en", files: tuple[SourceFile, ...] = FILES, extra: tuple[object, ...] = ()) -> Context:
    artifacts = [("requirements", "requirements", REQUIREMENTS), ("design", "design", DESIGN)]
    artifacts += [("seen", "x", value) for value in extra]  # type: ignore[misc]
    return build_context(
        idea="Count words.", language=language, artifacts=artifacts, files=files, system=system_text(language)
    )


def user(turn: TurnRequest, language: str = "en") -> str:
    return messages(turn, PROFILE, language)[1].content


def common(one: str, other: str) -> str:
    size = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:size]


def test_the_system_text_is_short_and_one_for_all() -> None:
    assert len(system_text("en")) < 60 * 5
    assert len(system_text("zh")) < 60 * 2
    assert "SEARCH" not in system_text("en")
    assert system_text("en", "Be kind.") == "Be kind."


def test_two_roles_share_everything_up_to_the_persona(turn: Turn) -> None:
    base = turn(context=context())
    one = user(replace(base, persona=Role(prompt="You are the tester."), instruction="Test."))
    other = user(replace(base, persona=Role(prompt="You are the writer."), instruction="Write."))
    assert common(one, other).endswith("# Your turn\nYou are the ")
    assert messages(base, PROFILE)[0] == messages(replace(base, instruction="x"), PROFILE)[0]


def test_a_growing_transcript_only_extends_the_prompt(turn: Turn) -> None:
    base = turn(context=context())
    lines = [Segment(f"Reviewer:\nremark {number}") for number in range(4)]
    for count in range(4):
        shorter = user(replace(base, transcript=tuple(lines[:count])))
        longer = user(replace(base, transcript=tuple(lines[: count + 1])))
        assert longer.startswith(shorter[: shorter.index("# Your turn")])


def test_a_changed_file_leaves_the_ones_before_it_in_the_shared_beginning(turn: Turn) -> None:
    verdict = Verdict.model_validate({"approved": False, "findings": [{"what": "wrong"}]})
    before = user(turn(context=context()))
    after = user(turn(context=context(files=(FILES[0], replace(FILES[1], text="new\n")), extra=(verdict,))))
    assert "tally.py\ndef count(text):\n    return 1\n```" in common(before, after)
    assert after.index("wrong") > after.index("new\n")


def test_artifacts_are_lines_and_files_are_fences_that_hold_their_own(turn: Turn) -> None:
    text = user(turn(context=context(extra=(Evidence(passed=False, reason="2 failed", command=["pytest"]),))))
    assert "R1. Counts. Test: 'a b' gives 2" in text
    assert "main.py — Starts; main() -> int; needs: tally.py" in text
    assert "````markdown a.md\n```\nx\n```\n````" in text
    assert "`pytest` failed: 2 failed" in text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("expects", "shown"),
    [
        (Expectation("files", ("src/a.py",)), "```python src/a.py"),
        (Expectation("files", ("a.py", "b.py")), "a.py, b.py"),
        (Expectation("files", ("README.md",)), "````markdown README.md"),
        (Expectation("files"), "```python path/to/file.py\n"),
        (Expectation("files", suffixes=("test_*.py",)), "```python test_main.py\n"),
        (
            Expectation("edits", base={"t.py": b"", "a.py": b""}, owned={"t.py": "no"}),
            "\npath/to/file.py\n<<<<<<< SEARCH\n",
        ),
        (Expectation("verdict"), '{"findings":[],"approved":true}'),
        (Expectation("opinion"), '{"agreed":true,"message":""}'),
        (Expectation("opinion"), '{"agreed":false,"message":"'),
        (Expectation("requirements"), '"items":[{"id":"R1"'),
        (Expectation({"choice": ["red", "blue"]}), "red | blue"),
        (Expectation({"choice": ["red", "blue"]}), '{"choice":"<'),
        (Expectation({"type": "object", "properties": {"n": {"type": "integer"}}}), '{"n":1}'),
        (Expectation("answer"), '"choice":"…"'),
    ],
)
def test_the_form_of_the_reply_is_shown_last(turn: Turn, language: str, expects: Expectation, shown: str) -> None:
    text = user(turn(expects), language)
    form = text.partition("Write main.py.")[2]
    assert shown in form
    assert len(form) < 420


# ---------------------------------------------------------------------- fitting


def big(path: str, lines: int = 120) -> SourceFile:
    body = "".join(
        f"def function_{number}(value: int) -> int:\n    return value + {number}\n\n\n" for number in range(lines)
    )
    return SourceFile(path, f'"""Doc."""\n\n{body}', "source")


def test_files_the_turn_does_not_name_become_outlines_oldest_first(turn: Turn) -> None:
    files = (big("old.py"), big("tally.py"), big("other.py"), big("main.py"))
    wanted = turn(Expectation("files", ("main.py",)), context=context(files=files), instruction="Write it.")
    text = messages(wanted, replace(PROFILE, context=11_000))[1].content
    assert "old.py (outline only):\ndef function_0(value: int) -> int\n" in text
    assert "```python tally.py\n" in text  # the design says that main.py needs it
    assert "```python main.py\n" in text
    assert len(text) < len(messages(wanted, replace(PROFILE, context=100_000))[1].content)


def test_the_middle_of_a_long_transcript_is_left_out_whole(
    turn: Turn, segments: Callable[[int], tuple[Segment, ...]]
) -> None:
    long = turn(context=context(), transcript=segments(100))
    text = messages(long, replace(PROFILE, context=4096))[1].content
    assert "message 0:" in text
    assert "message 99:" in text
    assert "earlier messages left out]" in text
    kept = [segment for segment in long.transcript if segment.text in text]
    assert f"[{100 - len(kept)} earlier messages left out]" in text


def test_what_is_too_long_even_so_is_refused_with_the_numbers(turn: Turn) -> None:
    wanted = turn(context=context(), instruction="Do it. " * 3000)
    with pytest.raises(ContextOverflow) as caught:
        messages(wanted, replace(PROFILE, context=4096))
    assert caught.value.context == 4096
    assert caught.value.prompt > 4096
    assert "4096" in str(caught.value)


def test_chinese_weighs_what_it_costs(turn: Turn) -> None:
    wanted = turn(context=context("zh"), instruction="做这件事。" * 700)
    with pytest.raises(ContextOverflow):
        messages(wanted, replace(PROFILE, context=4096), "zh")
