import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse.blueprint.artifacts import Finding, Opinion, Requirement, Requirements, Verdict
from agentverse.environment.conversation import Conversation
from agentverse.environment.protocol import Line
from agentverse.environment.registry import Rule, rule
from agentverse.environment.rules.stop import MOST_TURNS
from agentverse.environment.rules.visibility import HeardByAll
from agentverse.errors import PhaseFailed, UsageError
from agentverse.workspace.protocol import Changes

SEMINAR = {"maker": {"writes": "product"}, "judge": {"writes": "opinion"}}
REVIEW = {"reviewer": {"writes": "verdict"}, "author": {"writes": "edits"}}


def wants(number: int) -> Requirements:
    return Requirements(title=f"Version {number}", summary="s", items=[Requirement(id="R1", text="t")])


def unique(seat: str, turn: int) -> str:
    return f"{seat} says {turn}"


# ---------------------------------------------------------------------- order


async def test_seats_alternate_in_declared_order(stage):
    play = stage(["a", "b", "c"], unique, stop={"turns": 7})
    result = await play.hold()
    assert play.speakers == "a b c a b c a"
    assert [turn for _, turn in play.asked] == [1, 2, 3, 4, 5, 6, 7]
    assert (result.reason, result.turns) == ("turns", 7)
    assert [line.text for line in result.lines] == [unique(*asked) for asked in play.asked]


async def test_another_seat_may_begin(stage):
    play = stage(["a", "b", "c"], unique, order={"alternate": {"first": "b"}}, stop={"turns": 4})
    await play.hold()
    assert play.speakers == "b c a b"


async def test_in_sequence_everybody_speaks_once_and_it_is_over(stage):
    play = stage(["a", "b", "c"], unique, order="sequential", stop={"turns": 9})
    assert ((await play.hold()).reason, play.speakers) == ("stopped", "a b c")
    play = stage(["a", "b"], unique, order={"sequential": {"rounds": 2}}, stop={"turns": 9})
    assert ((await play.hold()).reason, play.speakers) == ("stopped", "a b a b")


@rule("order", "everybody_at_once")
class EverybodyAtOnce(Rule):
    async def next(self, scene):
        return list(reversed(scene.seats))


@rule("order", "stranger")
class Stranger(Rule):
    async def next(self, scene):
        return ["nobody"]


async def test_several_at_once_speak_together_and_are_noted_in_seat_order(stage):
    together = asyncio.Barrier(3)
    play = stage(["a", "b", "c"], unique, order="everybody_at_once", stop={"turns": 6})
    speak = play.speak

    async def wait_for_all(*turn) -> Line:
        await together.wait()
        return await speak(*turn)

    play.speak = wait_for_all
    result = await play.hold()
    assert [(line.seat, line.reply_key[-1]) for line in result.lines] == [
        (seat, str(turn)) for turn, seat in enumerate("abcabc", start=1)
    ]
    assert sorted(map(len, play.shown)) == [0, 0, 0, 3, 3, 3]


async def test_a_bound_on_turns_holds_inside_a_step(stage):
    play = stage(["a", "b", "c"], unique, order="everybody_at_once", stop={"turns": 5})
    assert (await play.hold()).turns == 5


@pytest.mark.parametrize("order", ["alternate", "everybody_at_once"])
async def test_an_error_of_a_turn_comes_through_as_it_is_and_ends_the_others(stage, order):
    failed = PhaseFailed("no reply", code="reply")
    play = stage(["a", "b"], lambda seat, turn: failed if seat == "b" else unique(seat, turn), order=order)
    with pytest.raises(PhaseFailed) as caught:
        await play.hold()
    assert caught.value is failed
    assert len(asyncio.all_tasks()) == 1


async def test_an_order_that_names_a_stranger_is_refused(stage):
    with pytest.raises(UsageError, match="'nobody', which is no seat"):
        await stage(["a"], unique, order="stranger").hold()


# ---------------------------------------------------------------------- what is heard


async def test_everybody_hears_everything_and_prompts_only_grow(stage):
    play = stage(["a", "b"], unique, stop={"turns": 5})
    await play.hold()
    assert play.shown[-1] == ("A: a says 1", "B: b says 2", "A: a says 3", "B: b says 4")
    assert play.sources[-1] == ("p#1/-/1", "p#1/-/2", "p#1/-/3", "p#1/-/4")
    for before, after in zip(play.shown, play.shown[1:], strict=False):
        assert after[: len(before)] == before


async def test_with_visibility_self_each_seat_hears_only_itself(stage):
    play = stage(["a", "b"], unique, visibility="self", stop={"turns": 5})
    await play.hold()
    assert play.shown == [(), (), ("A: a says 1",), ("B: b says 2",), ("A: a says 1", "A: a says 3")]


async def test_seats_held_by_one_role_are_told_apart(stage):
    play = stage(["first", "second"], unique, stop={"turns": 3})
    await play.hold(roles={"first": "expert", "second": "expert"})
    assert play.shown[-1] == ("Expert (first): first says 1", "Expert (second): second says 2")


@rule("visibility", "edges_of_a_graph")
class Edges(HeardByAll):
    edges: dict[str, list[str]] = {}  # noqa: RUF012

    def heard_by(self, line, scene):
        return frozenset(self.edges.get(line.seat, []))


SEATS = "abcd"


@given(
    edges=st.dictionaries(st.sampled_from(SEATS), st.lists(st.sampled_from(SEATS), unique=True)),
    order=st.sampled_from(["alternate", "everybody_at_once", {"sequential": {"rounds": 3}}]),
    turns=st.integers(1, 12),
)
async def test_nobody_is_ever_shown_a_line_that_is_not_theirs_to_hear(stage, edges, order, turns):
    play = stage(
        list(SEATS),
        unique,
        order=order,
        visibility={"edges_of_a_graph": {"edges": edges}},
        description={"template": "{% for line in heard %}{{ line.text }};{% endfor %}"},
        stop={"turns": turns},
    )
    await play.hold()
    for (seat, _), shown, notes in zip(play.asked, play.shown, play.notes, strict=True):
        allowed = {said for said in SEATS if said == seat or seat in edges.get(said, [])}
        for text in (*shown, *notes.split(";")[:-1]):
            assert text.split(": ")[-1][0] in allowed
        assert len(notes.split(";")) - 1 == len(shown)


@given(
    seats=st.integers(1, 4),
    replies=st.lists(
        st.sampled_from(["", "x", "y", Opinion(agreed=False), Opinion(agreed=True)]), min_size=1, max_size=9
    ),
    stop=st.fixed_dictionaries(
        {},
        optional={
            "turns": st.integers(1, 30) | st.just(False),
            **{name: st.booleans() for name in ("agreed", "approved", "silence", "circles")},
        },
    ),
)
async def test_every_conversation_ends_within_its_bound(stage, seats, replies, stop):
    play = stage([f"s{n}" for n in range(seats)], replies, stop=stop)
    result = await play.hold()
    assert result.turns <= (stop.get("turns") or MOST_TURNS)
    assert result.turns == len(play.asked) == len(result.lines)
    assert result.reason in ("agreed", "approved", "silence", "circles", "turns")
    assert stop.get(result.reason, result.reason in ("turns", "circles")) is not False or result.reason == "turns"


# ---------------------------------------------------------------------- stop


async def test_agreement_ends_it_and_the_product_is_the_last_proposal(stage):
    script = [wants(1), Opinion(agreed=False, message="add units"), wants(2), Opinion(agreed=True)]
    play = stage(SEMINAR, script, stop={"agreed": True, "turns": 6})
    result = await play.hold()
    assert (result.reason, result.turns) == ("agreed", 4)
    assert result.products == {"product": wants(2), "opinion": Opinion(agreed=True)}
    assert play.shown[-1][1] == "Judge: add units"


async def test_an_agreement_to_an_older_proposal_does_not_count(stage):
    script = [Opinion(agreed=True), wants(1), Opinion(agreed=True)]
    play = stage(SEMINAR, script, order={"alternate": {"first": "judge"}}, stop={"agreed": True, "turns": 5})
    assert (await play.hold()).turns == 3


async def test_all_who_give_opinions_must_agree(stage):
    seats = {**SEMINAR, "second": {"writes": "opinion"}}
    yes, no = Opinion(agreed=True), Opinion(agreed=False, message="no")
    play = stage(seats, [wants(1), yes, no, wants(2), no, yes, wants(3), yes, yes], stop={"agreed": True, "turns": 30})
    assert (await play.hold()).turns == 9


async def test_the_last_turn_may_still_bring_the_agreement(stage):
    play = stage(SEMINAR, [wants(1), Opinion(agreed=True)], stop={"turns": 2, "agreed": True})
    assert (await play.hold()).reason == "agreed"


async def test_approval_ends_a_review(stage):
    found = Verdict(approved=False, findings=[Finding(file="a.py", line=3, what="crash")])
    play = stage(REVIEW, [found, Changes(write={"a.py": b"1"}), Verdict(approved=True)], stop={"approved": True})
    result = await play.hold()
    assert (result.reason, result.turns) == ("approved", 3)
    assert result.products["edits"] == Changes(write={"a.py": b"1"})


async def test_a_round_of_empty_replies_is_silence(stage):
    play = stage(["a", "b"], ["hello", "", "", "more"], stop={"silence": True, "turns": 9})
    assert (await play.hold()).reason == "silence"
    assert play.speakers == "a b a"


async def test_the_same_round_again_is_a_circle(stage):
    play = stage(["a", "b"], ["yes, but", "no"], stop={"turns": 20})
    result = await play.hold()
    assert (result.reason, result.turns) == ("circles", 4)


async def test_going_back_to_an_earlier_round_is_a_circle_too(stage):
    play = stage(["a", "b"], ["first", "no", "second", "no"], stop={"turns": 20})
    assert (await play.hold()).turns == 6


async def test_circles_may_be_allowed(stage):
    play = stage(["a", "b"], ["same", "same"], stop={"turns": 8, "circles": False})
    assert ((await play.hold()).reason, len(play.asked)) == ("turns", 8)


async def test_other_edits_to_the_same_file_are_no_circle(stage):
    found = Verdict(approved=False, findings=[Finding(file="a.py", what="crash")])
    play = stage(
        REVIEW,
        lambda seat, turn: found if seat == "reviewer" else Changes(write={"a.py": b"%d" % turn}),
        stop={"approved": True, "turns": 6},
    )
    assert (await play.hold()).reason == "turns"
    play.script = lambda seat, turn: found if seat == "reviewer" else Changes(write={"a.py": b"same"})
    assert (await play.hold()).reason == "circles"


async def test_an_environment_without_a_bound_has_one(stage):
    play = stage(["a", "b"], unique, stop={})
    assert ((await play.hold()).reason, len(play.asked)) == ("turns", MOST_TURNS)


# ---------------------------------------------------------------------- description and seats


async def test_each_seat_is_told_what_its_template_says_in_its_language(stage):
    play = stage(
        ["a", "b"],
        unique,
        description={
            "template": {
                "text": {"en": "Turn {{ turn }}.", "zh": "第 {{ turn }} 轮。"},
                "seats": {"b": "You are {{ title }} of {{ seats|length }}; last: {{ heard[-1].text }}"},
            }
        },
        stop={"turns": 3},
    )
    await play.hold(language="zh")
    assert play.notes == ["第 1 轮。", "You are B of 2; last: a says 1", "第 3 轮。"]


async def test_what_was_said_is_data_to_a_template(stage):
    play = stage(
        ["a", "b"], ["{{ 7 * 7 }}"], description={"template": "{{ heard[0].text if heard }}"}, stop={"turns": 2}
    )
    await play.hold()
    assert play.notes[1] == "{{ 7 * 7 }}"


async def test_a_template_that_asks_for_what_is_not_there_is_said(stage):
    with pytest.raises(UsageError, match="description of the seat 'a' cannot be"):
        await stage(["a"], unique, description={"template": "{{ heard[0].text }}"}).hold()


async def test_what_is_spoken_as_an_action_is_heard(stage):
    play = stage(
        {"a": {"acts": ["speak"]}, "b": {}}, [{"action": "speak", "text": "{{ 7 }} hello"}, "x"], stop={"turns": 2}
    )
    await play.hold()
    assert play.shown[1] == ("A: {{ 7 }} hello",)


async def test_an_empty_seat_is_refused(stage):
    play = stage(["a", "b"], unique)
    with pytest.raises(UsageError, match="nobody sits in 'a', 'b'"):
        Conversation(environment=play.environment, seats={}, floor=play)


async def test_a_conversation_can_be_cancelled(stage):
    play = stage(["a"], unique, stop={"turns": 100})
    reached = asyncio.Event()

    async def never(*turn) -> Line:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    play.speak = never
    task = asyncio.create_task(play.hold())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
