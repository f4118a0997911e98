"""The window: what fits, whole lines, cut in blocks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.agents.protocol import Segment
from agentverse.memory.window import BREAK_TOKENS

LINES = st.lists(st.tuples(st.integers(1, 150), st.sampled_from([False] * 9 + [True])), max_size=80)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.integers(2, 20),
        "tokens": st.integers(64, 400),
        "share": st.floats(0.1, 1),
        "drop": st.floats(0.05, 0.9),
        "pin": st.integers(0, 3),
    },
)


def text_of(number: int, size: int) -> str:
    return f"{number}:".ljust(max(size, len(str(number)) + 1), "x")


@settings(deadline=None)
@given(lines=LINES, options=OPTIONS, asked=st.sets(st.integers(0, 80)))
async def test_a_window_holds_whole_lines_up_to_its_budget_pinned_ones_and_the_newest(talk, lines, options, asked):
    made = talk({"a": {"window": options}})
    most = options.get("tokens", int(1000 * options.get("share", 0.5)))
    said = []
    for number, (size, pinned) in enumerate(lines, start=1):
        said.append(made.say(text_of(number, size), pinned=pinned))
        if number not in asked:
            continue
        shown = (await made.shown()).segments
        lines_shown = [segment for segment in shown if "left out" not in segment.text]
        texts = [line.segment for line in said]
        pins = {line.number for place, line in enumerate(said) if line.pinned or place < options.get("pin", 1)}
        numbers = [texts.index(segment) + 1 for segment in lines_shown]  # whole lines, and none of them made up
        assert numbers == sorted(set(numbers))
        assert pins <= set(numbers)
        assert numbers[-1] == number
        free = [one for one in numbers if one not in pins]
        assert free == [one for one in range(free[0] if free else number + 1, number + 1) if one not in pins]
        used = sum(len(segment.text) + BREAK_TOKENS for segment in lines_shown)
        fits = used <= most and len(numbers) <= options.get("messages", 1000)
        assert fits or set(numbers) == pins | {number}


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=80), often=st.integers(1, 20))
async def test_all_who_heard_the_same_are_shown_the_same_however_often_they_are_asked(talk, sizes, often):
    made = talk({"a": {"window": {"tokens": 300}}, "b": {"window": {"tokens": 300}}})
    for number, size in enumerate(sizes, start=1):
        made.say(text_of(number, size))
        await made.shown("a")
        if number % often == 0:
            assert await made.shown("b") == await made.shown("a")


async def test_between_two_cuts_a_prompt_only_grows_at_its_end(talk):
    made = talk({"a": {"window": {"tokens": 400, "drop": 0.25}}})
    before: tuple[Segment, ...] = ()
    cuts = 0
    for number in range(1, 401):
        made.say(text_of(number, 20))
        shown = (await made.shown()).segments
        cuts += shown[: len(before)] != before
        before = shown
    assert 40 < cuts <= 400 / 5  # a quarter of nineteen lines leaves at once


async def test_the_first_line_stays_and_what_left_is_counted(talk):
    made = talk({"a": {"window": {"messages": 4, "drop": 0.5}}})
    for number in range(1, 6):
        made.say(f"line {number}")
    texts = [segment.text for segment in (await made.shown()).segments]
    assert texts == ["line 1", "[3 earlier messages left out]", "line 5"]


async def test_a_resumed_run_is_shown_the_same_by_a_model_that_counts_otherwise(talk, helper):
    def spoken(made, number):
        made.say(text_of(number, 30))

    first = talk({"a": {"window": {"tokens": 200}}})
    shown = []
    for number in range(1, 31):
        spoken(first, number)
        shown.append(await first.shown())
    past = helper(records=first.helper.records, turns=set(range(2, 32)), weight=7.0)
    again = talk({"a": {"window": {"tokens": 200}}}, past)
    for number, before in enumerate(shown, start=1):
        spoken(again, number)
        assert await again.shown() == before
    spoken(again, 31)
    assert len((await again.shown()).segments) < len(shown[-1].segments)


async def test_who_has_no_memory_is_shown_everything(talk):
    made = talk({"a": [], "b": None})
    lines = [made.say(f"line {number}") for number in range(50)]
    for seat in ("a", "b"):
        assert (await made.shown(seat)).segments == tuple(line.segment for line in lines)
