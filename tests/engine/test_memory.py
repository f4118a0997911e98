"""Memories in a run: real journal, real HTTP, turns of their own, and the same prompts after a kill."""

import asyncio
import json
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from agentverse.engine.run import fork, resume
from agentverse.errors import Problem
from agentverse.journal import entries, prompts
from agentverse.models.keys import read_request_id
from agentverse.testing import Manners, ScriptedServer

MEMORY = """
      - window: {messages: 4}
      - summary: {words: 30}
      - recall: {top: 2, least: 0, about: 1}
      - reflection: {threshold: 15}
      - plan: {every: 9}
      - blackboard: {every: 6}
"""
TALK = f"""
phases:
  talk: {{meet: chat, seats: {{one: ceo, two: cto, three: cpo}}, prompt: Talk.}}
environments:
  chat:
    seats:
      one:
        memory: {MEMORY.replace(chr(10), chr(10) + "    ")}
      two: {{memory: [{{window: 4}}, {{summary: {{words: 30}}}}, recall]}}
      three: {{}}
    rules: {{order: alternate, stop: {{turns: 20, circles: false}}}}
"""
TURNS = 20


def answer(key, body):
    """Says something of its own for each call, in the form that is asked for."""
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
    if schema is None:
        return f"{key} says that the archive key number {len(key)} is under the pot"
    name = next(iter(schema["properties"]))
    if name == "changes":
        return json.dumps({"changes": [{"do": "post", "id": "", "type": "fact", "text": f"noted at {key}"}]})
    return json.dumps({name: [f"concluded at {key}"]})


class Seen:
    """Answers, and keeps the prompt of each call; wakes who waits for so many of them."""

    def __init__(self) -> None:
        self.prompts: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.changed = asyncio.Condition()
        self.useless = "nothing"
        """Calls with this in their keys are answered with nothing."""

    async def __call__(self, body, headers):
        key = read_request_id(headers["X-Request-Id"])
        async with self.changed:
            self.calls[key] += 1
            self.prompts[key] = "\n".join(message["content"] for message in body["messages"])
            self.changed.notify_all()
        if self.useless in key:
            return ""
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        return answer(key, body)

    async def reached(self, calls: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.calls) >= calls)


@pytest.fixture
async def served(stage):
    """The stage behind a server that keeps what it saw."""
    seen = Seen()
    async with ScriptedServer(seen, manners=Manners("openai")) as server:
        stage.url = server.url
        yield seen


async def undisturbed(stage, seen, run="whole"):
    handle = await stage.begin(TALK, {}, run=run)
    result = await handle.result()
    assert result.outcome == "succeeded", result.reason
    prompts, seen.prompts = dict(seen.prompts), {}
    seen.calls.clear()
    return prompts


def turns_of(seat: int) -> list[str]:
    return [f"talk#1/-/{turn}.1" for turn in range(seat, TURNS + 1, 3)]


async def test_every_part_of_a_memory_is_seen_in_the_prompts_and_is_a_step_of_its_own(stage, served):
    prompts = await undisturbed(stage, served)
    last = prompts[turns_of(1)[-1]]
    parts = (
        "# Earlier: messages",
        "# Your turn",
        "# You have concluded",
        "# Your plan",
        "# You remember",
        "# Board: board",
    )
    assert [last.index(part) for part in parts] == sorted(last.index(part) for part in parts)
    kinds = Counter(key.split("/")[3] for key in prompts if key.startswith("talk#1/-/memory/"))
    assert set(kinds) == {"summary", "one"}
    assert kinds["summary"] > 3
    assert kinds["one"] > 5
    entries = await stage.journal.read("whole")
    assert {entry.event.what for entry in entries if entry.event.type == "remembered"} == {"window", "recall"}
    assert {entry.key for entry in entries if entry.event.type == "reply"} == set(prompts)
    # Those who heard the same share their summaries; who has no memory hears everything.
    summaries, shared = (
        [line for line in text.splitlines() if line.startswith("# Earlier")]
        for text in (last, prompts[turns_of(2)[-1]])
    )
    assert shared[: len(summaries)] == summaries
    whole = prompts[turns_of(3)[-1]]
    assert [key for seat in (1, 2, 3) for key in turns_of(seat)[:-1] if f"{key} says" not in whole] == []
    assert f"{turns_of(1)[2]} says" not in last.partition("# Your turn")[0]


async def test_a_memory_that_gets_no_usable_answer_fails_nothing_and_says_so(stage, served):
    served.useless = "/memory/"
    prompts = await undisturbed(stage, served)
    assert [f"talk#1/-/{turn}.1" in prompts for turn in range(1, TURNS + 1)] == [True] * TURNS
    failed = [entry.event for entry in await stage.journal.read("whole") if entry.event.type == "seat.failed"]
    assert {event.memory for event in failed} == {"summary", "plan", "reflection", "blackboard"}
    assert {event.seat for event in failed if event.memory == "summary"} == {""}
    assert {event.seat for event in failed if event.memory != "summary"} == {"one"}
    last = prompts[turns_of(1)[-1]]
    assert "earlier messages left out]" in last
    assert [part for part in ("# Your plan", "# You have concluded", "# Board", "# Earlier") if part in last] == []
    assert f"{turns_of(3)[-2]} says" in last  # the window is as it was


async def test_a_run_with_memories_that_failed_is_resumed_with_the_same_prompts(stage, served):
    served.useless = "/memory/"
    prompts = await undisturbed(stage, served)
    handle = await fork(await stage.host(), "whole", phase="talk", new_run="broken")
    await served.reached(60)
    await handle.stop(now=True)
    assert (await handle.result()).outcome == "stopped"
    result = await (await resume(await stage.host(), "broken")).result()
    assert result.outcome == "succeeded", result.reason
    assert served.prompts == prompts


@pytest.fixture(params=["all entries in memory", "few entries in memory"])
def kept(request, monkeypatch):
    """A run that has to read most of its journal again asks the same as one that has it at hand."""
    if request.param.startswith("few"):
        for name, value in (("NEWEST", 10), ("_SPARE", 5), ("PAGE", 4), ("_PAGES", 2)):
            monkeypatch.setattr(entries, name, value)
        monkeypatch.setattr(prompts, "PROMPTS", 3)


async def test_a_run_stopped_again_and_again_asks_the_same_and_nothing_twice(stage, served, kept):
    prompts = await undisturbed(stage, served)
    handle = await fork(await stage.host(), "whole", phase="talk", new_run="broken")
    done, outcome = 0, "stopped"
    while outcome == "stopped":
        ended = asyncio.ensure_future(handle.result())
        reached = asyncio.ensure_future(served.reached(done + 9))
        await asyncio.wait({ended, reached}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        await handle.stop(now=True)
        outcome, done = (await ended).outcome, len(served.calls)
        if outcome == "stopped":
            handle = await resume(await stage.host(), "broken")
    assert outcome == "succeeded"
    assert served.prompts == prompts
    recorded = [entry.key for entry in await stage.journal.read("broken") if entry.event.type == "reply"]
    assert len(recorded) == len(set(recorded))
    assert sum(count - 1 for count in served.calls.values()) <= done  # what was in flight when it was stopped


CHILD = """
import asyncio, sys
from pathlib import Path
from agentverse.blueprint.load import Library
from agentverse.engine.protocol import Host
from agentverse.engine.run import begin
from agentverse.journal.store import open_journal
from agentverse.models.registry import open_model
from agentverse.sandbox.registry import choose

async def main(folder, url):
    journal = await open_journal(folder / "journal.db")
    model = await open_model({"base_url": url, "model": "scripted"})
    host = Host(journal, folder / "runs", {"edge": model}, await choose())
    handle = await begin(host, Library.default(folder).company(str(folder / "made_here.yaml")), "a thing", run="killed")
    await handle.result()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


async def test_a_run_that_was_killed_goes_on_with_the_same_prompts(stage, served):
    prompts = await undisturbed(stage, served)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(stage.folder), stage.url, cwd=Path(__file__).parents[2]
    )
    await served.reached(21)
    child.send_signal(signal.SIGKILL)
    await child.wait()
    assert len(served.calls) < len(prompts)
    replied = {entry.key for entry in await stage.journal.read("killed") if entry.event.type == "reply"}
    before = Counter(served.calls)
    handle = await resume(await stage.host(), "killed")
    result = await handle.result()
    assert result.outcome == "succeeded", result.reason
    assert served.prompts == prompts
    assert not {key for key, count in (served.calls - before).items() if key in replied}


def problems(stage, text: str) -> list[Problem]:
    from agentverse.blueprint.load import Library
    from agentverse.engine.check import validate

    (stage.folder / "made_here.yaml").write_text("name: made_here\n" + text, encoding="utf-8")
    return validate(str(stage.folder / "made_here.yaml"), Library.default(stage.folder))


async def test_a_memory_that_is_wrong_is_said_with_its_line(stage):
    text = """
roles:
  sage:
    title: Sage
    memory: [windw]
phases:
  talk:
    meet: chat
    seats: {one: sage}
    prompt: Talk.
    memory:
      - window: {mesages: 5}
  check: {after: talk, run: [ls], memory: window}
environments:
  chat:
    seats:
      one: {memory: {summary: {words: 2}}}
"""
    found = {(one.line, one.where): f"{one.what} {one.fix}" for one in problems(stage, text)}
    assert "Did you mean 'window'?" in found[6, "roles.sage.memory[0]"]
    assert "did you mean 'messages'?" in found[13, "phases.talk.memory[0].window.mesages"]
    assert "belongs to 'ask' and 'meet'" in found[14, "phases.check.memory"]
    assert "greater than or equal to 20" in found[18, "environments.chat.seats.one.memory.summary.words"]


async def test_the_phase_goes_before_the_seat_and_the_seat_before_the_role(stage, served):
    text = """
roles: {sage: {title: Sage, memory: plan}, fool: {title: Fool, memory: plan}}
phases:
  talk: {meet: chat, seats: {one: sage, two: fool}, prompt: Talk., produces: {said: text}}
  quiet: {after: talk, meet: chat, seats: {one: sage, two: fool}, prompt: Talk., memory: [], produces: {told: text}}
environments:
  chat:
    seats: {one: {writes: product, memory: []}, two: {}}
    rules: {stop: {turns: 2}}
"""
    result, _ = await stage.play(text)
    assert result.outcome == "succeeded", result.reason
    assert [key for key in served.calls if "/memory/" in key] == ["talk#1/-/memory/two/plan/1.1"]


LOOP = """
phases:
  first: {ask: cto, prompt: First., produces: {start: text}}
  judge:
    after: first
    ask: reviewer
    prompt: Look.
    produces: {look: {choice: [good, poor]}}
    memory: [{window: {messages: 2, pin: 0}}, summary]
  mend: {after: judge, when: look == 'poor', ask: cto, prompt: Mend., produces: {start: text}, then: judge, at_most: 5}
"""


async def test_a_role_asked_again_remembers_what_it_said_on_earlier_visits(stage):
    said = {f"judge#{visit}/-/1": "poor" for visit in range(1, 6)} | {"judge#6/-/1": "good", "first#1/-/1": "a"}
    said |= {f"mend#{visit}/-/1": f"mended {visit}" for visit in range(1, 6)}

    def answer(body, headers):
        key = read_request_id(headers["X-Request-Id"])
        stage.asked.append(key)
        stage.prompts[key] = "\n".join(message["content"] for message in body["messages"])
        return "It was poor." if "/memory/" in key else said[key.rpartition(".")[0]]

    async with ScriptedServer(answer, manners=Manners("openai")) as server:
        stage.url = server.url
        result, _ = await stage.play(LOOP)
        assert result.outcome == "succeeded", result.reason
        prompt = stage.prompts["judge#2/-/1.1"]
        assert "On visit 1 you said:\npoor" in prompt
        late = stage.prompts["judge#6/-/1.1"]
        assert "# Earlier: messages 1 to" in late
        assert "On visit 1 you said" not in late
        assert "On visit 5 you said:\npoor" in late
        assert "you said" not in stage.prompts["mend#3/-/1.1"]
        before, asked = dict(stage.prompts), list(stage.asked)
        handle = await fork(await stage.host(), "made", phase="mend", new_run="again")
        assert (await handle.result()).outcome == "succeeded"
    assert {key: stage.prompts[key] for key in before} == before
    assert not {key for key in stage.asked[len(asked) :] if key.startswith("first")}
