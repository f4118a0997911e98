"""A turn: the repair ladder, the journal, and what a resumed run does not repeat."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agentverse.agents.protocol import Expectation, Segment
from agentverse.blueprint.artifacts import Opinion
from agentverse.errors import CompanyChanged, LimitReached, ModelUnavailable, NoModel, PhaseFailed
from agentverse.journal.events import Accepted, Repair, Reply
from agentverse.journal.prompts import prompt
from agentverse.journal.protocol import Journal, RunJournal
from agentverse.models.cascade import Cascade
from agentverse.models.constraint import OneOf
from agentverse.models.protocol import Choice, Delta, Profile
from agentverse.testing.corrupt import KINDS, corrupt

Make = Callable[..., Any]
MAIN = Expectation("files", ("main.py",))
GOOD = "Here it is.\n\n```python main.py\nimport sys\n\n\ndef main() -> int:\n    return len(sys.argv)\n```\n"
CONTENT = GOOD.split("main.py\n", 1)[1].rpartition("```")[0].encode()


def repairs(run: RunJournal) -> list[tuple[str, str]]:
    return [(entry.event.problem, entry.event.rung) for entry in run.entries() if isinstance(entry.event, Repair)]


async def test_a_good_reply_is_recorded_and_accepted(
    desk: Make, model: Make, turn: Make, run: RunJournal, purse: Any
) -> None:
    asked = model(GOOD)
    result = await desk(asked).take(turn(MAIN))
    assert result.value.write == {"main.py": CONTENT}
    assert (result.text, result.reply, result.attempts, result.usage.total) == (GOOD, "code#1/-/1.1", 1, 12)
    assert [entry.key for entry in run.entries()] == ["code#1/-/1.1", "code#1/-/1/accepted"]
    assert len(purse.spent) == purse.checked == 1
    assert asked.asked[0].constraint is None
    assert asked.asked[0].on_delta is None


async def test_what_was_sent_is_what_the_journal_says(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    asked = model("Nonsense.", GOOD)
    await desk(asked).take(turn(MAIN, transcript=(Segment("Reviewer:\nhello"),)))
    replies = [entry for entry in run.entries() if isinstance(entry.event, Reply)]
    for entry, request in zip(replies, asked.asked, strict=True):
        parts = await prompt(run, entry)
        for role in ("system", "user", "assistant"):
            sent = "".join(message.content for message in request.messages if message.role == role)
            assert sent == "".join(text for part_role, text in parts if part_role == role)


async def test_structured_replies_are_constrained_at_the_server(desk: Make, model: Make, turn: Make) -> None:
    asked = model('{"agreed": true, "message": "yes"}')
    result = await desk(asked).take(turn(Expectation("opinion")))
    assert result.value == Opinion(agreed=True, message="yes")
    assert asked.asked[0].constraint.name == "opinion"
    assert asked.asked[0].constraint.schema["additionalProperties"] is False


async def test_a_choice_is_constrained_to_the_very_words_the_prompt_asks_for(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    asked = model("web")
    result = await desk(asked).take(turn(Expectation({"choice": ["web", "command"]})))
    assert result.value == "web"
    assert asked.asked[0].constraint == OneOf(("web", "command"))
    assert run.recall("code#1/-/1.1").event.asked["constraint"] == "choice"


# ---------------------------------------------------------------------- the ladder


async def test_a_bad_reply_is_shown_back_once_with_the_error(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    asked = model("I have done it." + " really" * 500, GOOD)
    result = await desk(asked).take(turn(MAIN))
    assert result.attempts == 2
    assert repairs(run) == [("no_fence", "reask")]
    first, second = (request.messages for request in asked.asked)
    assert second[:2] == first
    assert [message.role for message in second] == ["system", "user", "assistant", "user"]
    assert second[2].content.startswith("I have done it.")
    assert len(second[2].content) < 2000
    assert "```python main.py" in second[3].content


async def test_the_ladder_is_climbed_to_its_end_and_then_the_phase_fails(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    edge, cloud = model(*(f"No {number}." for number in range(4))), model("No, too.", name="big")
    patient = turn(MAIN, temperature=0.2, cascade=Cascade(after_invalid=4))
    with pytest.raises(PhaseFailed) as caught:
        await desk({"edge": edge, "cloud": cloud, "vision": model()}).take(patient)
    assert caught.value.code == "reply"
    assert "Programmer" in str(caught.value)
    assert [rung for _, rung in repairs(run)] == ["reask", "resample", "resample", "escalate", "give_up"]
    assert [request.sampling.temperature for request in edge.asked] == [0.2, 0.2, 0.4, 0.6]
    seeds = [request.sampling.seed for request in edge.asked]
    assert seeds[:2] == [None, None]
    assert None not in seeds[2:]
    assert len(set(seeds[2:])) == 2
    assert edge.asked[2].messages == edge.asked[0].messages == cloud.asked[0].messages
    assert [entry.event.tier for entry in run.entries() if isinstance(entry.event, Reply)] == ["edge"] * 4 + ["cloud"]


async def test_the_same_bad_reply_again_is_not_asked_about_again(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    result = await desk(model("No.", "No.", GOOD)).take(turn(MAIN))
    assert result.attempts == 3
    assert [rung for _, rung in repairs(run)] == ["reask", "resample"]


async def test_the_higher_tier_is_asked_alone_when_the_turn_begins_there(desk: Make, model: Make, turn: Make) -> None:
    edge, cloud = model(), model(GOOD)
    await desk({"edge": edge, "cloud": cloud}).take(turn(MAIN, tier="cloud"))
    assert not edge.asked


async def test_a_tier_that_is_not_configured_falls_back_to_the_lowest(desk: Make, model: Make, turn: Make) -> None:
    assert (await desk(model(GOOD)).take(turn(MAIN, tier="cloud"))).attempts == 1


@pytest.mark.parametrize("at", range(20, len(GOOD) - 8, 7))
async def test_a_reply_that_was_cut_off_is_continued(
    desk: Make, model: Make, turn: Make, run: RunJournal, at: int
) -> None:
    asked = model(Choice(GOOD[:at], finish="length"), GOOD[at:])
    result = await desk(asked).take(turn(MAIN))
    assert result.value.write == {"main.py": CONTENT}
    assert result.text == GOOD
    assert repairs(run) == [("cut_off", "continue")]
    assert asked.asked[1].messages[2].content == GOOD[:at]


async def test_what_continues_a_document_is_not_held_to_its_schema(desk: Make, model: Make, turn: Make) -> None:
    asked = model(Choice('{"agreed": true, "message": "it is ', finish="length"), 'right"}')
    result = await desk(asked).take(turn(Expectation("opinion")))
    assert result.value == Opinion(agreed=True, message="it is right")
    assert asked.asked[0].constraint.name == "opinion"
    assert asked.asked[1].constraint is None


async def test_white_space_without_end_is_neither_kept_nor_shown_back(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    runaway = Choice('{"agreed": true,' + "\n" * 9000, finish="length")
    asked = model(runaway, '"message": "yes"}')
    result = await desk(asked).take(turn(Expectation("opinion")))
    assert result.value == Opinion(agreed=True, message="yes")
    assert run.recall("code#1/-/1.1").event.text == '{"agreed": true,\n'
    assert sum(len(message.content) for message in asked.asked[1].messages) < 8000


@pytest.mark.parametrize(
    "reply", ['{"agreed": true, "message": "a\x01b\x1f\nc"}', '{"agreed": true, "message": "a\tb"}']
)
async def test_control_characters_that_a_grammar_let_through_do_no_harm(
    desk: Make, model: Make, turn: Make, run: RunJournal, reply: str
) -> None:
    result = await desk(model(reply)).take(turn(Expectation("opinion")))
    assert result.value.agreed
    assert repairs(run) == []


async def test_a_call_of_no_tools_is_asked_again(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    result = await desk(model(Choice("", finish="tool_calls"), '{"agreed": false}')).take(turn(Expectation("opinion")))
    assert not result.value.agreed
    assert repairs(run) == [("empty", "reask")]


async def test_a_constraint_that_the_server_refused_is_on_record(
    desk: Make, model: Make, turn: Make, run: RunJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = model('{"agreed": true}')
    complete = asked.complete

    async def refusing(request: Any) -> Any:
        return replace(await complete(request), unconstrained=True)

    monkeypatch.setattr(asked, "complete", refusing)
    await desk(asked).take(turn(Expectation("opinion")))
    assert run.recall("code#1/-/1.1").event.asked == {"constraint": "opinion", "unconstrained": True}


async def test_only_two_continuations_are_asked_for(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    pieces = [Choice(f"```python main.py\nx{number} = [\n", finish="length") for number in range(3)]
    result = await desk(model(*pieces, GOOD)).take(turn(MAIN))
    assert result.value.write == {"main.py": CONTENT}
    assert [rung for _, rung in repairs(run)] == ["continue", "continue", "resample"]


async def test_text_that_ran_into_its_limit_is_not_taken_for_whole(desk: Make, model: Make, turn: Make) -> None:
    result = await desk(model(Choice("One, two, ", finish="length"), "three.")).take(turn())
    assert result.value == "One, two, three."


async def test_thoughts_are_kept_in_the_event_and_nowhere_else(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    result = await desk(model(f"<think>main.py it is</think>\n{GOOD}")).take(turn(MAIN))
    assert result.text == GOOD
    event = run.entries()[0].event
    assert isinstance(event, Reply)
    assert (event.text, event.thinking) == (GOOD, "main.py it is")


async def test_a_model_that_only_thinks_is_asked_to_stop_thinking(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    asked = model(Choice("<think>hm", finish="length"), GOOD, profile=Profile("m", thinking="switch"))
    await desk(asked).take(turn(MAIN))
    assert repairs(run) == [("only_thinking", "reask")]
    assert [request.thinking for request in asked.asked] == [None, False]


async def test_the_check_has_the_last_word(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    asked = model("first", "second")
    expects = Expectation(check=lambda value: None if value == "second" else "Say 'second'.")
    assert (await desk(asked).take(turn(expects))).value == "second"
    assert repairs(run) == [("check", "reask")]
    assert "Say 'second'." in asked.asked[1].messages[-1].content


async def test_words_to_the_agent_are_in_its_language(desk: Make, model: Make, turn: Make) -> None:
    asked = model("没有文件。", GOOD)
    await desk(asked, language="zh").take(turn(MAIN))
    assert "请按要求的格式重新完整回复" in asked.asked[1].messages[-1].content


# ---------------------------------------------------------------------- samples, limits, failures


async def test_of_several_samples_the_first_readable_is_the_reply(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    other = GOOD.replace("argv", "path")
    asked = model(["No.", GOOD, other, "No."])
    result = await desk(asked).take(turn(MAIN, samples=4))
    assert asked.asked[0].n == 4
    assert result.value.write == {"main.py": CONTENT}
    assert [value.write for value in result.others] == [{"main.py": CONTENT.replace(b"argv", b"path")}]
    event = run.entries()[0].event
    assert isinstance(event, Reply)
    assert event.text == result.text
    assert repairs(run) == []


async def test_an_error_of_the_server_is_never_a_reply(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    failure = ModelUnavailable("the server is down")
    with pytest.raises(ModelUnavailable) as caught:
        await desk(model(failure)).take(turn(MAIN))
    assert caught.value is failure
    assert run.entries() == []


async def test_a_limit_stops_the_next_call(desk: Make, model: Make, turn: Make, purse: Any) -> None:
    asked = model(GOOD)
    purse.refuses = LimitReached("tokens", 5, 4)
    with pytest.raises(LimitReached):
        await desk(asked).take(turn(MAIN))
    assert asked.asked == []


async def test_pieces_are_streamed_only_when_somebody_watches(desk: Make, model: Make, turn: Make) -> None:
    seen: list[Delta] = []
    asked = model(GOOD)
    await desk(asked, watch=seen.append).take(turn(MAIN))
    asked.asked[0].on_delta(Delta("k", "x"))
    assert seen == [Delta("k", "x")]


async def test_characters_no_database_takes_are_not_kept(desk: Make, model: Make, turn: Make) -> None:
    assert (await desk(model("a\x00b\ud800c")).take(turn())).text == "ab?c"


async def test_a_desk_without_a_model_says_so(desk: Make) -> None:
    with pytest.raises(NoModel):
        desk({})


# ---------------------------------------------------------------------- resuming


async def test_a_resumed_turn_calls_nobody_and_gives_the_same(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal, purse: Any
) -> None:
    asked = turn(MAIN, transcript=(Segment("Reviewer:\nhello"),))
    first = await desk(model("No.", Choice(GOOD[:60], finish="length"), GOOD[60:])).take(asked)
    count = len(run.entries())
    await run.close()
    again = await journal.drive("r1")
    silent = model()
    second = await desk(silent, over=again).take(asked)
    assert second == first
    assert silent.asked == []
    assert len(again.entries()) == count
    assert len(purse.spent) == 6
    assert purse.checked == 3


async def test_a_turn_cut_short_goes_on_where_it_was(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal
) -> None:
    with pytest.raises(ModelUnavailable):
        await desk(model("No.", "Nor so.", ModelUnavailable("down"))).take(turn(MAIN))
    await run.close()
    again = await journal.drive("r1")
    asked = model(GOOD)
    result = await desk(asked, over=again).take(turn(MAIN))
    assert result.attempts == 3
    assert len(asked.asked) == 1
    assert [rung for _, rung in repairs(again)] == ["reask", "resample"]


async def test_a_rung_once_taken_is_taken_again_with_fewer_tiers(
    desk: Make, model: Make, turn: Make, journal: Journal, run: RunJournal
) -> None:
    await desk({"edge": model("No 1.", "No 2."), "cloud": model(GOOD)}).take(turn(MAIN))
    await run.close()
    again = await journal.drive("r1")
    assert (await desk(model(), over=again).take(turn(MAIN))).attempts == 3


async def test_another_model_or_context_is_no_other_prompt(
    desk: Make, model: Make, turn: Make, run: RunJournal
) -> None:
    await desk(model(GOOD)).take(turn(MAIN))
    other = model(name="other", profile=Profile("other", context=4096))
    assert (await desk(other).take(turn(MAIN))).attempts == 1


@pytest.mark.parametrize(
    "changes",
    [{"instruction": "Write it well."}, {"temperature": 0.9}, {"transcript": (Segment("new"),)}, {"samples": 2}],
)
async def test_a_turn_that_would_ask_something_else_is_noticed(
    desk: Make, model: Make, turn: Make, changes: dict[str, Any]
) -> None:
    await desk(model(GOOD)).take(turn(MAIN))
    with pytest.raises(CompanyChanged, match="code"):
        await desk(model(GOOD)).take(turn(MAIN, **changes))


async def test_acceptance_and_repairs_are_written_once(desk: Make, model: Make, turn: Make, run: RunJournal) -> None:
    await desk(model("No.", GOOD)).take(turn(MAIN))
    await desk(model()).take(turn(MAIN))
    keys = [entry.key for entry in run.entries()]
    assert keys == ["code#1/-/1.1", "code#1/-/1.1/repair", "code#1/-/1.2", "code#1/-/1/accepted"]
    accepted = run.entries()[-1].event
    assert isinstance(accepted, Accepted)
    assert accepted.reply == "code#1/-/1.2"


# ---------------------------------------------------------------------- every corruption


EDIT = "In main.py:\n\nmain.py\n<<<<<<< SEARCH\nX = 1\n=======\nX = 2\n>>>>>>> REPLACE\n"
DESIGN = (
    '{"files": [{"path": "main.py", "purpose": "All.", "names": [], "depends_on": []}], '
    '"entry": "main.py", "start": "python main.py"}'
)
EXPECTED = {
    "file": (MAIN, GOOD),
    "files": (Expectation("files"), GOOD),
    "edits": (Expectation("edits", base={"main.py": b"X = 1\n"}), EDIT),
    "design": (Expectation("design"), DESIGN),
    "opinion": (Expectation("opinion"), '{"agreed": true, "message": "It does what was asked."}'),
    "choice": (Expectation({"choice": ["web", "command"]}), '{"choice": "web"}'),
    "text": (Expectation(), "It counts words.\nThat is all it does."),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("expected", EXPECTED)
async def test_every_corruption_is_survived(desk: Make, model: Make, turn: Make, kind: str, expected: str) -> None:
    expects, good = EXPECTED[expected]
    clean = (await desk(model(good)).take(turn(expects, key="clean"))).value
    for seed in range(6):
        bad = corrupt(good, kind, random.Random(seed))
        answers = (Choice(bad.text, bad.thinking, bad.finish), good)
        result = await desk(model(*answers)).take(turn(expects, key=f"turn{seed}"))
        assert result.attempts <= 2
        if expected != "text":  # in plain text, nobody can tell prose from other prose
            assert result.value == clean


async def test_without_room_for_the_bad_reply_the_turn_is_asked_for_anew(desk: Make, model: Make, turn: Make) -> None:
    asked = model("Nonsense. " * 400, GOOD)
    asked.profile = Profile("script", context=700)
    result = await desk(asked).take(turn(MAIN))
    assert result.value.write == {"main.py": CONTENT}
    assert [[message.role for message in request.messages] for request in asked.asked] == [["system", "user"]] * 2
