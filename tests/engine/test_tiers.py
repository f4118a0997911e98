"""Edge, cloud and vision in one run, each a server of its own behind real HTTP."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agentverse.cli.main import invoke
from agentverse.engine.protocol import Host, RunResult
from agentverse.engine.run import begin, resume
from agentverse.errors import NoModel
from agentverse.journal.events import Entry, Escalated, Note, Reply, TierSpent
from agentverse.journal.prompts import prompt, reading
from agentverse.models.cascade import Cascade
from agentverse.models.keys import read_request_id, split_attempt
from agentverse.models.registry import open_model
from agentverse.report import build_report
from agentverse.report.text import as_markdown
from agentverse.testing import ScriptedServer
from agentverse.testing.manners import Manners
from agentverse.testing.script import Reply as Said

LOOP = """
success: check.passed
phases:
  code: {ask: programmer, prompt: write main.py, produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  repair:
    after: check
    when: not check.passed
    ask: programmer
    prompt: mend
    produces: {source: edits}
    then: check
    at_most: 6
    %s
  manual: {after: check, when: check.passed, ask: writer, prompt: manual, produces: {note: text}}
"""


def code(number: int) -> str:
    return f"```python main.py\nraise ValueError('cause {'abcdefg'[number]}')\n```"


def edit(number: int, new: str = "") -> str:
    old = f"raise ValueError('cause {'abcdefg'[number]}')"
    new = new or f"raise ValueError('cause {'abcdefg'[number + 1]}')"
    return f"```\nmain.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```"


RED = {f"repair#{number + 1}/-/1": edit(number) for number in range(4)}


@dataclass
class Tiers:
    """A stage whose tiers are servers that answer alike, unless a tier has words of its own."""

    stage: Any
    stack: AsyncExitStack
    servers: dict[str, ScriptedServer] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)

    def script(self, tier: str) -> Callable[..., Any]:
        def answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
            turn, _ = split_attempt(read_request_id(headers["X-Request-Id"]))
            words = self.own.get(tier, {})
            return words[turn] if turn in words else self.stage.answer(body, headers)

        return answer

    async def host(self, *tiers: str, manners: Manners | None = None, name: str = "scripted", **more: Any) -> Host:
        models = {}
        for tier in tiers:
            server = ScriptedServer(self.script(tier), models=(name,), manners=manners if tier == "vision" else None)
            self.servers[tier] = await self.stack.enter_async_context(server)
            models[tier] = await open_model({"base_url": self.servers[tier].url, "model": name, "retries": 0})
            self.stack.push_async_callback(models[tier].close)
        return replace(await self.stage.host(), models=models, **more)

    async def play(
        self, host: Host, text: str, replies: Mapping[str, Any], **more: Any
    ) -> tuple[RunResult, list[Entry]]:
        self.stage.replies = dict(replies)
        handle = await begin(host, self.stage.company(text), "a thing", run="made", **more)
        result = await handle.result()
        return result, list(await self.stage.journal.read("made"))


@pytest.fixture
async def tiers(stage: Any) -> AsyncIterator[Tiers]:
    async with AsyncExitStack() as stack:
        yield Tiers(stage, stack)


def asked(entries: list[Entry]) -> dict[str, str]:
    return {split_attempt(e.key)[0]: e.event.tier for e in entries if isinstance(e.event, Reply)}


def rises(entries: list[Entry]) -> list[tuple[str, str, float]]:
    return [(e.event.step, e.event.why, e.event.measured) for e in entries if isinstance(e.event, Escalated)]


async def test_the_third_repair_of_red_tests_is_the_clouds_and_the_next_turn_the_edges(tiers: Tiers) -> None:
    said = {"code#1/-/1": code(0), **RED, "repair#3/-/1": edit(2, "print('good')"), "manual#1/-/1": "a manual"}
    prices = {"edge": (0.0, 0.0), "cloud": (2.0, 10.0)}
    host = await tiers.host("edge", "cloud", prices=prices)
    result, entries = await tiers.play(host, LOOP % "", said)
    assert result.outcome == "succeeded", result.reason
    assert asked(entries) == {
        "code#1/-/1": "edge", "repair#1/-/1": "edge", "repair#2/-/1": "edge", "repair#3/-/1": "cloud",
        "manual#1/-/1": "edge",
    }  # fmt: skip
    assert rises(entries) == [("repair#3/-/1", "red", 2)]
    assert [(tier.tier, tier.turns) for tier in result.tiers] == [("edge", 4), ("cloud", 1)]
    edge, cloud = (tier.usage for tier in result.tiers)
    assert result.cost == pytest.approx((cloud.prompt * 2 + cloud.completion * 10) / 1e6)
    assert result.saved == pytest.approx((edge.prompt * 2 + edge.completion * 10) / 1e6)
    page = as_markdown(build_report(entries, folder=tiers.stage.folder, prices=prices))
    assert "`repair#3/-/1`: edge → cloud: still red after 2 repairs" in page
    assert f"Staying on the edge saved {result.saved:.4f}" in page


@pytest.mark.parametrize(
    ("field", "cascade", "raised"),
    [
        ("escalate: never", Cascade(), []),
        ("escalate: {after_red: 1}", Cascade(), ["repair#2/-/1", "repair#3/-/1"]),
        ("escalate: {after_red: 3}", Cascade(after_red=1), []),
        ("", Cascade(on=False), []),
        ("", Cascade(after_red=1), ["repair#2/-/1", "repair#3/-/1"]),
    ],
)
async def test_how_many_red_repairs_are_enough_is_said_by_phases_and_settings(
    tiers: Tiers, field: str, cascade: Cascade, raised: list[str]
) -> None:
    said = {"code#1/-/1": code(0), **RED, "repair#3/-/1": edit(2, "print('good')"), "manual#1/-/1": "a manual"}
    _, entries = await tiers.play(await tiers.host("edge", "cloud", cascade=cascade), LOOP % field, said)
    assert [step for step, _, _ in rises(entries)] == raised
    assert [turn for turn, tier in asked(entries).items() if tier == "cloud"] == raised


async def test_a_cloud_that_is_used_up_leaves_the_run_to_the_edge_and_says_so(tiers: Tiers) -> None:
    said = {"code#1/-/1": code(0), **RED, "repair#4/-/1": edit(3, "print('good')"), "manual#1/-/1": "a manual"}
    cascade = Cascade(after_red=1, tokens=1)
    result, entries = await tiers.play(await tiers.host("edge", "cloud", cascade=cascade), LOOP % "", said)
    assert result.outcome == "succeeded", result.reason
    assert [turn for turn, tier in asked(entries).items() if tier == "cloud"] == ["repair#2/-/1"]
    assert rises(entries) == [("repair#2/-/1", "red", 1)]
    (spent,) = [entry.event for entry in entries if isinstance(entry.event, TierSpent)]
    assert (spent.tier, spent.kind, spent.allowed) == ("cloud", "tokens", 1)
    page = as_markdown(
        build_report(entries, folder=tiers.stage.folder, prices={}).model_copy(update={"language": "zh"})
    )
    assert "cloud 的预算已用完" in page
    assert "修复 1 次后仍未通过" in page


VOTE = """
phases:
  vote: {ask: cto, prompt: "Which?", samples: 3, pick: %s, produces: {x: {choice: [red, blue, green]}}}
"""


async def test_a_vote_without_a_majority_is_held_again_on_the_cloud(tiers: Tiers) -> None:
    tiers.own["cloud"] = {"vote#1/-/1": Said("blue", samples=("blue", "red"))}
    said = {"vote#1/-/1": Said("red", samples=("blue", "green"))}
    result, entries = await tiers.play(await tiers.host("edge", "cloud"), VOTE % "vote", said)
    assert result.outcome == "succeeded"
    assert rises(entries) == [("vote#1/-/1.1", "agreement", pytest.approx(1 / 3))]
    assert [entry.event.value for entry in entries if entry.event.type == "artifact"] == ["blue"]


async def test_an_improbable_reply_goes_up_by_what_the_server_says(tiers: Tiers) -> None:
    tiers.own["cloud"] = {"a#1/-/1": Said("surely", logprob=-0.1)}
    host = await tiers.host("edge", "cloud", cascade=Cascade(logprob=-1.0))
    text = "phases:\n  a: {ask: cto, prompt: A, produces: {x: text}}\n"
    _, entries = await tiers.play(host, text, {"a#1/-/1": Said("perhaps", logprob=-1.5)})
    assert rises(entries) == [("a#1/-/1.1", "logprob", pytest.approx(-1.5))]
    replies = [entry.event for entry in entries if isinstance(entry.event, Reply)]
    assert [(one.text, one.logprob) for one in replies] == [("perhaps", -1.5), ("surely", -0.1)]


async def test_a_run_resumed_with_a_cloud_does_not_say_that_it_was_asked_before(tiers: Tiers) -> None:
    said = {"code#1/-/1": code(0), **RED, "repair#3/-/1": edit(2, "print('good')"), "manual#1/-/1": "a manual"}
    result, _ = await tiers.play(await tiers.host("edge"), LOOP % "", said)
    assert result.outcome == "succeeded", result.reason
    again = await resume(await tiers.host("edge", "cloud"), "made")
    assert (await again.result()).outcome == "succeeded"
    assert rises(list(await tiers.stage.journal.read("made"))) == []


# ---------------------------------------------------------------------- vision


def encoded(colour: str, size: tuple[int, int] = (9, 7)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


LOOK = """
phases:
  first: {ask: cto, prompt: Say something., produces: {x: text}}
  look: {after: first, ask: cto, model: vision, prompt: "What is on the logo?", produces: {y: text}}
"""
SAID = {"first#1/-/1": "something", "look#1/-/1": "a red dot"}


def project(folder: Path, **pictures: bytes) -> Path:
    made = folder / "project"
    made.mkdir()
    (made / "main.py").write_text("print('hi')\n")
    for name, content in pictures.items():
        (made / f"{name}.png").write_bytes(content)
    return made


def contents(server: ScriptedServer) -> list[Any]:
    return [request.body["messages"][-1]["content"] for request in server.requests]


async def test_a_phase_of_vision_sees_the_pictures_of_the_product_and_others_read_that_there_are_some(
    tiers: Tiers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = project(tmp_path, logo=encoded("red"), other=encoded("blue"), fake=b"\x89PNG\r\n\x1a\n no picture")
    host = await tiers.host("edge", "vision")
    result, entries = await tiers.play(host, LOOK, SAID, source=source)
    assert result.outcome == "succeeded", result.reason
    (text,) = contents(tiers.servers["edge"])
    assert isinstance(text, str)
    assert "(a picture)" in text
    assert "\N{REPLACEMENT CHARACTER}" not in text
    ((*shared, last),) = contents(tiers.servers["vision"])
    assert [part["type"] for part in shared] == ["text", "image_url", "text", "image_url"]
    assert shared[0]["text"].endswith("Picture: logo.png")
    assert shared[2]["text"].strip() == "Picture: other.png"
    assert "What is on the logo?" in last["text"]
    reply = next(entry for entry in entries if isinstance(entry.event, Reply) and entry.event.phase == "look")
    base = entries[0].event.base
    assert reply.event.pictures == [f"{base}:logo.png", f"{base}:other.png"]
    assert not any("base64" in entry.model_dump_json() for entry in entries)
    shown = "".join(text for _, text in await prompt(await reading(tiers.stage.journal, "made"), reply))
    assert "Picture: logo.png" in shown
    assert "base64" not in shown
    assert shared[0]["text"] in shown
    monkeypatch.setenv("AGENTVERSE_RUNS_JOURNAL", str(tiers.stage.folder / "journal.db"))
    assert await asyncio.to_thread(invoke, ["show", "made", "--prompt", reply.key]) == 0
    assert f"--- picture\n{base}:logo.png\n" in capsys.readouterr().out
    # A resumed run needs neither the servers nor the pictures again, nor the tier.
    again = await resume(await tiers.host("edge"), "made")
    assert (await again.result()).outcome == "succeeded"
    assert tiers.servers["edge"].requests == []


async def test_only_so_many_pictures_are_shown_and_the_newest_of_them(tiers: Tiers, tmp_path: Path) -> None:
    pictures = {f"p{number:02}": encoded("red", (10 + number, 9)) for number in range(12)}
    source = project(tmp_path, **pictures, twin=encoded("red", (10, 9)))
    host = await tiers.host("edge", "vision", name="MiniCPM-V-4.6")
    result, entries = await tiers.play(host, LOOK, SAID, source=source)
    assert result.outcome == "succeeded", result.reason
    (reply,) = [entry.event for entry in entries if isinstance(entry.event, Reply) and entry.event.phase == "look"]
    names = [ref.partition(":")[2] for ref in reply.pictures]
    assert names == [*(f"p{number:02}.png" for number in range(5, 12)), "twin.png"]


async def test_pictures_are_left_out_oldest_first_when_the_context_is_short(tiers: Tiers, tmp_path: Path) -> None:
    pictures = {f"p{number:02}": encoded("red", (10 + number, 9)) for number in range(8)}
    result, entries = await tiers.play(
        await tiers.host("edge", "vision"), LOOK, SAID, source=project(tmp_path, **pictures)
    )
    assert result.outcome == "succeeded", result.reason
    (reply,) = [entry.event for entry in entries if isinstance(entry.event, Reply) and entry.event.phase == "look"]
    assert 0 < len(reply.pictures) < 8
    assert reply.pictures[-1].endswith(":p07.png")


SCREEN = """
success: check.passed
phases:
  code: {ask: programmer, prompt: Write., produces: {source: files}, paths: [main.py]}
  check: {after: code, run: {command: python -c pass, show: terminal}, produces: {check: evidence}}
  look: {after: check, ask: cto, model: vision, prompt: "Is {{ check.passed }} right?", produces: {y: text}}
  deaf: {after: look, ask: cto, model: vision, prompt: "Say something.", produces: {z: text}}
"""


async def test_screenshots_are_shown_to_those_who_read_the_evidence(tiers: Tiers) -> None:
    program = "import curses\ndef main(screen):\n    screen.addstr('hello')\n    screen.getch()\ncurses.wrapper(main)\n"
    said = {"code#1/-/1": f"```python main.py\n{program}```", "look#1/-/1": "yes", "deaf#1/-/1": "something"}
    result, entries = await tiers.play(await tiers.host("edge", "vision"), SCREEN, said)
    assert result.evidence is not None
    assert result.evidence.shows, result.reason
    kept = [moment.picture for moment in result.evidence.shows[0].moments if moment.picture]
    look, deaf = [e.event for e in entries if isinstance(e.event, Reply) and e.event.tier == "vision"]
    assert look.pictures
    assert set(look.pictures) <= set(kept)
    assert deaf.pictures == []
    sent = [part["text"] for part in contents(tiers.servers["vision"])[0] if part["type"] == "text"]
    assert "Picture: check: " in sent[0]


async def test_without_a_tier_for_pictures_the_phase_works_on_text_and_a_note_says_so_once(
    tiers: Tiers, tmp_path: Path
) -> None:
    source = project(tmp_path, logo=encoded("red"))
    result, entries = await tiers.play(await tiers.host("edge"), LOOK, SAID, source=source)
    assert result.outcome == "succeeded"
    assert all(isinstance(content, str) for content in contents(tiers.servers["edge"]))
    notes = [entry.event.text for entry in entries if isinstance(entry.event, Note)]
    assert notes == ["no model is configured for the tier 'vision'; what is asked of it is asked in text alone"]


@pytest.mark.parametrize(
    ("manners", "name"), [(Manners(dialect="llamacpp", sees=False), "scripted"), (Manners(), "MiniCPM5-2B")]
)
async def test_a_tier_that_is_known_to_see_nothing_is_refused_before_a_token_is_spent(
    tiers: Tiers, manners: Manners, name: str
) -> None:
    host = await tiers.host("edge", "vision", manners=manners, name=name)
    with pytest.raises(NoModel, match="shows pictures to the tier 'vision'") as caught:
        await tiers.play(host, LOOK, SAID)
    assert "[models.vision]" in (caught.value.fix or "")
    assert tiers.servers["edge"].requests == []
    result, _ = await tiers.play(host, LOOK.replace("model: vision, ", ""), SAID)
    assert result.outcome == "succeeded"


async def test_a_server_that_turns_out_to_see_nothing_fails_the_phase_with_what_to_do(
    tiers: Tiers, tmp_path: Path
) -> None:
    source = project(tmp_path, logo=encoded("red"))
    host = await tiers.host("edge", "vision", manners=Manners(sees=False))
    result, _ = await tiers.play(host, LOOK, SAID, source=source)
    assert result.outcome == "failed"
    assert "sees no pictures" in result.reason
