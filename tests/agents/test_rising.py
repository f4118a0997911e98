"""When a turn is given to the next tier, and that the run says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentverse.agents.agreement import agreement
from agentverse.agents.protocol import Expectation
from agentverse.agents.purse import Purse
from agentverse.blueprint.tiers import Escalation
from agentverse.errors import PhaseFailed
from agentverse.journal.events import Escalated, Repair, Reply, TierSpent
from agentverse.journal.protocol import Journal, RunJournal
from agentverse.models.cascade import Cascade
from agentverse.models.protocol import Choice

Make = Callable[..., Any]
CHOICE = Expectation({"choice": ["red", "blue", "green"]})
VOTE = Cascade(agreement=0.6)
SURE = Cascade(logprob=-0.5)


def rises(run: RunJournal) -> list[tuple[str, str, str, float, float | None]]:
    found = [entry.event for entry in run.entries() if isinstance(entry.event, Escalated)]
    return [(one.tier, one.to, one.why, one.measured, one.allowed) for one in found]


def tiers(run: RunJournal) -> list[str]:
    return [entry.event.tier for entry in run.entries() if isinstance(entry.event, Reply)]


async def test_two_replies_that_cannot_be_used_are_enough(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    edge, cloud = model("No.", "Nor that."), model("red")
    result = await desk({"edge": edge, "cloud": cloud}).take(turn(CHOICE))
    assert result.value == "red"
    assert tiers(run) == ["edge", "edge", "cloud"]
    assert rises(run) == [("edge", "cloud", "invalid", 2, 2)]
    assert cloud.asked[0].messages == edge.asked[0].messages


async def test_the_turn_after_an_escalated_one_starts_on_the_edge(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    both = desk({"edge": model("No.", "Nor that.", "blue"), "cloud": model("red")})
    await both.take(turn(CHOICE))
    await both.take(turn(CHOICE, key="code#2/-/1"))
    assert tiers(run) == ["edge", "edge", "cloud", "edge"]


async def test_what_is_never_escalated_is_drawn_again_instead(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    cascade = Cascade().refined(None, "never")
    result = await desk({"edge": model("No.", "Nor.", "red"), "cloud": model()}).take(turn(CHOICE, cascade=cascade))
    assert result.value == "red"
    assert [entry.event.rung for entry in run.entries() if isinstance(entry.event, Repair)] == ["reask", "resample"]
    assert rises(run) == []


async def test_samples_that_differ_are_settled_by_the_next_tier(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    edge, cloud = model(["red", "blue", "green"]), model(["blue", "blue", "red"])
    result = await desk({"edge": edge, "cloud": cloud}).take(turn(CHOICE, samples=3, cascade=VOTE))
    assert (result.value, result.others) == ("blue", ("blue", "red"))
    assert rises(run) == [("edge", "cloud", "agreement", pytest.approx(1 / 3), 0.6)]


async def test_samples_that_agree_but_for_their_spelling_stay_on_the_edge(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    edge = model(["A  plain Text.", "a plain text", "something else"])
    await desk({"edge": edge, "cloud": model()}).take(turn(samples=3, cascade=VOTE))
    assert tiers(run) == ["edge"]


def test_a_sample_that_could_not_be_read_agrees_with_none() -> None:
    assert agreement(["red", "red"], drawn=4) == 0.5
    assert agreement([{"a": 1, "b": 2}, {"b": 2, "a": 1}], drawn=2) == 1.0


async def test_an_improbable_reply_is_asked_of_the_next_tier(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    edge, cloud = model(Choice("red", logprob=-0.9)), model(Choice("blue", logprob=-0.8))
    result = await desk({"edge": edge, "cloud": cloud}).take(turn(CHOICE, cascade=SURE))
    assert result.value == "blue"
    assert rises(run) == [("edge", "cloud", "logprob", -0.9, -0.5)]
    assert [entry.event.logprob for entry in run.entries() if isinstance(entry.event, Reply)] == [-0.9, -0.8]
    assert edge.asked[0].logprobs


@pytest.mark.parametrize("logprob", [None, -0.5, -0.1])
async def test_a_reply_that_is_probable_or_of_which_nothing_is_known_counts(
    desk: Make, model: Make, turn: Make, run: RunJournal, logprob: float | None
) -> None:
    edge = model(Choice("red", logprob=logprob))
    assert (await desk({"edge": edge, "cloud": model()}).take(turn(CHOICE, cascade=SURE))).value == "red"
    assert rises(run) == []


async def test_log_probabilities_are_only_asked_for_when_there_is_a_bound(desk: Make, model: Make, turn: Make) -> None:
    edge = model("red")
    await desk({"edge": edge}).take(turn(CHOICE))
    assert not edge.asked[0].logprobs


async def test_a_doubted_reply_counts_when_the_next_tier_has_none_to_use(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    cloud = model(*(f"No {number}." for number in range(4)))
    result = await desk({"edge": model(Choice("red", logprob=-2.0)), "cloud": cloud}).take(turn(CHOICE, cascade=SURE))
    assert (result.value, result.reply) == ("red", "code#1/-/1.1")
    assert cloud.answers == []


async def test_a_resumed_turn_rises_where_it_rose_whatever_the_settings_say_now(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal
) -> None:
    edge, cloud = model(Choice("red", logprob=-2.0)), model(Choice("blue", logprob=-2.0))
    await desk({"edge": edge, "cloud": cloud}).take(turn(CHOICE, cascade=SURE))
    await run.close()
    again = await journal.drive("r1")
    result = await desk({"edge": model(), "cloud": model()}, over=again).take(turn(CHOICE))
    assert (result.value, result.attempts) == ("blue", 2)


async def test_a_resumed_turn_that_was_accepted_is_not_doubted_later(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal
) -> None:
    lenient = Cascade(logprob=-3.0)
    await desk({"edge": model(Choice("red", logprob=-2.0)), "cloud": model()}).take(turn(CHOICE, cascade=lenient))
    await run.close()
    again = await journal.drive("r1")
    both = desk({"edge": model(), "cloud": model()}, over=again)
    assert (await both.take(turn(CHOICE, cascade=SURE))).value == "red"


async def test_a_resumed_turn_counts_the_bad_replies_it_had(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal
) -> None:
    with pytest.raises(IndexError):
        await desk({"edge": model("No."), "cloud": model()}).take(turn(CHOICE))
    await run.close()
    again = await journal.drive("r1")
    result = await desk({"edge": model("Nor that."), "cloud": model("red")}, over=again).take(turn(CHOICE))
    assert (result.value, tiers(again)) == ("red", ["edge", "edge", "cloud"])


# ---------------------------------------------------------------------- the budget of the cloud


def purse(run: RunJournal, **bounds: float) -> Purse:
    return Purse(Cascade(**bounds), {"cloud": (1_000_000.0, 0.0)}, run)


@pytest.mark.parametrize(("kind", "allowed"), [("tokens", 12), ("money", 10)])
async def test_a_cloud_that_is_used_up_is_asked_no_more_and_the_run_says_so_once(
    desk: Make, model: Make, turn: Make, run: RunJournal, kind: str, allowed: int
) -> None:
    edge, cloud = model("No.", "Nor.", "No.", "Nor.", "blue", "green"), model("red")
    both = desk({"edge": edge, "cloud": cloud}, purse=purse(run, **{kind: allowed}))
    values = [(await both.take(turn(CHOICE, key=f"code#{number}/-/1"))).value for number in (1, 2)]
    values.append((await both.take(turn(CHOICE, key="code#3/-/1", tier="cloud"))).value)
    assert values == ["red", "blue", "green"]
    assert tiers(run) == ["edge", "edge", "cloud", "edge", "edge", "edge", "edge"]
    spent = [entry.event for entry in run.entries() if isinstance(entry.event, TierSpent)]
    assert [(one.tier, one.kind, one.used, one.allowed) for one in spent] == [("cloud", kind, allowed, allowed)]


async def test_what_was_used_before_a_run_was_resumed_counts(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal
) -> None:
    first = desk({"edge": model(), "cloud": model("red")}, purse=purse(run, tokens=12))
    await first.take(turn(CHOICE, tier="cloud"))
    await run.close()
    again = await journal.drive("r1")
    both = desk({"edge": model("blue"), "cloud": model()}, over=again, purse=purse(again, tokens=12))
    await both.take(turn(CHOICE, tier="cloud"))
    assert (await both.take(turn(CHOICE, key="code#2/-/1", tier="cloud"))).value == "blue"


async def test_without_a_cloud_the_turn_fails_as_ever(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    edge = model(*(f"No {number}." for number in range(4)))
    with pytest.raises(PhaseFailed):
        await desk(edge).take(turn(CHOICE))
    assert edge.answers == []


def test_a_phase_refines_what_its_role_says_and_that_the_settings() -> None:
    settings = Cascade(after_red=5, logprob=-1.0)
    refined = settings.refined(Escalation(after_invalid=1), Escalation(after_red=3))
    assert (refined.after_invalid, refined.after_red, refined.logprob) == (1, 3, -1.0)
    assert not settings.refined(Escalation(after_red=3), "never").on
    assert settings.refined("never", Escalation(after_red=3)).on
    assert not Cascade(on=False).refined(Escalation(after_red=3)).on
