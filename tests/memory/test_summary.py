"""Summaries cover what left, all of it and nothing else."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.agents.protocol import Segment
from agentverse.memory.clipping import clip, tokens_about


def numbers_in(segments) -> list[int]:
    return [int(found) for segment in segments for found in re.findall(r"<(\d+)>", segment.text)]


def echo(question) -> str:
    """A summary that names the lines it was made of."""
    return " ".join(f"<{number}>" for number in numbers_in(question.transcript))


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 80), min_size=1, max_size=80),
    asked=st.sets(st.integers(1, 80)),
    words=st.sampled_from([20, 120]),
)
async def test_summaries_cover_exactly_what_left(talk, helper, sizes, asked, words):
    made = talk({"a": [{"window": {"tokens": 300, "pin": 0}}, {"summary": {"words": words}}]}, helper(answer=echo))
    for number, size in enumerate(sizes, start=1):
        made.say(f"<{number}>".ljust(size, "x"))
        if number not in asked:
            continue
        segments = (await made.shown()).segments
        heads = [re.match(r"# Earlier: messages (\d+) to (\d+)\n", segment.text) for segment in segments]
        lines = [int(segment.text[1:].split(">")[0]) for segment, head in zip(segments, heads, strict=True) if not head]
        covered = [(int(head[1]), int(head[2])) for head in heads if head]
        assert [one for first, last in covered for one in range(first, last + 1)] + lines == list(range(1, number + 1))
    for question in made.helper.asked:
        if question.key.startswith("summary/"):
            new = [segment for segment in question.transcript if not segment.text.startswith("# Earlier")]
            first, last = question.key.split("/")[1].split("-")[:2]
            assert numbers_in(new) == list(range(int(first), int(last) + 1))


async def test_summaries_are_added_in_front_and_stay_until_all_are_merged_in_one_step(talk, helper):
    made = talk(
        {"a": [{"window": {"messages": 8, "pin": 0}}, {"summary": {"most": 200}}]},
        helper(answer=lambda question: f"{question.key} " + "word " * 40),
    )
    before: tuple[Segment, ...] = ()
    merged = 0
    for number in range(1, 60):
        made.say(f"line {number}")
        shown = tuple(s for s in (await made.shown()).segments if s.text.startswith("# Earlier"))
        if shown[: len(before)] != before:
            assert len(shown) == 1
            merged += 1
        before = shown
    assert merged == sum(question.key.startswith("merge/") for question in made.helper.asked) > 2


async def test_all_who_heard_the_same_share_one_summary(talk):
    spec = [{"window": 6}, "summary"]
    made = talk({"a": spec, "b": spec, "c": spec})
    for number in range(1, 30):
        made.say(f"line {number}", hearers=["a", "b", "c"] if number != 3 else ["a", "b"])
        one, other = await made.shown("a"), await made.shown("b")
        assert one == other
        await made.shown("c")
    keys = [question.key for question in made.helper.asked]
    assert len(keys) == len(set(keys))
    own = [key for key in keys if key.startswith("summary/2-")]
    assert len(own) == 2  # those who did not hear line 3 have a summary of their own


async def test_a_summary_by_itself_brings_a_window(talk):
    made = talk({"a": "summary"})
    for number in range(1, 60):
        made.say(f"line {number} " + "x" * 40)
    texts = [segment.text for segment in (await made.shown()).segments]
    assert texts[0].startswith("line 1 ")
    assert texts[1].startswith("# Earlier: messages 2 to ")
    assert sum(len(text) for text in texts if "xxx" in text) <= 500  # half of what a prompt may have


async def test_a_summary_that_is_too_long_is_cut_and_still_quoted_as_it_was_when_it_is_not(talk, helper):
    for answer, quoted in (("short", True), ("长" * 5000, False)):
        made = talk({"a": [{"window": 4}, "summary"]}, helper(answer=lambda _, answer=answer: answer))
        for number in range(1, 6):
            made.say(f"line {number}")
        summary = next(s for s in (await made.shown()).segments if s.text.startswith("# Earlier"))
        assert (summary.source is not None) == quoted
        assert tokens_about(summary.text) < 700
        assert not quoted or summary.text.endswith(answer)


@settings(deadline=None)
@given(st.text(max_size=500), st.integers(5, 100))
def test_clipped_text_is_no_longer_than_asked_for_and_a_beginning(text, tokens):
    short = clip(text, tokens)
    assert tokens_about(short) <= tokens + 2
    assert short == text or text.encode("utf-8", "replace").decode().startswith(short.removesuffix(" …"))
