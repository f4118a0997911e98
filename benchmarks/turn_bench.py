"""CPU of one turn on our side: prompt, reading, journal, everything but the model's client.

A dialogue of 200 turns whose transcript grows, against a model that answers at once. Two journals: one that only keeps
entries in memory, which leaves the desk's own work, and the real one on SQLite.

    python benchmarks/turn_bench.py [--turns 200] [--repeat 3]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentverse.agents.layout import build_context, system_text
from agentverse.agents.protocol import Expectation, Segment, SourceFile, TurnRequest
from agentverse.agents.turn import Desk
from agentverse.blueprint.role import Role
from agentverse.journal.events import Entry, Event, Usage
from agentverse.journal.prompts import PromptBook
from agentverse.journal.protocol import RunJournal
from agentverse.journal.store import open_journal
from agentverse.models.protocol import Choice, Profile, Request, Response

CONTEXT = 1_000_000
REPLY = "I looked at it closely. " + "The conversion keeps its factor in one table, and each unit is tested. " * 8
FILE = "".join(f"def function_{n}(value: float) -> float:\n    return value * {n}\n\n\n" for n in range(20))


class InstantModel:
    """Answers at once, each time a little differently."""

    name, provider, profile = "instant", "none", Profile("instant", context=CONTEXT)

    def __init__(self) -> None:
        self.calls = 0

    async def contact(self) -> Mapping[str, Any]:
        return {}

    async def complete(self, request: Request) -> Response:
        self.calls += 1
        return Response((Choice(f"{self.calls}. {REPLY}"),), Usage(prompt=1000, completion=150))

    async def close(self) -> None:
        pass


class MemoryJournal:
    """A `RunJournal` that forgets at exit."""

    run, epoch = "bench", 1

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._known: dict[str, Entry] = {}

    def recall(self, key: str) -> Entry | None:
        return self._known.get(key)

    async def record(self, key: str, event: Event, *, input: str = "", blobs: Mapping[str, str] | None = None) -> Entry:
        return self._add(key, event, input)

    def note(self, key: str, event: Event) -> None:
        self._add(key, event, "")

    def _add(self, key: str, event: Event, input: str) -> Entry:
        if key not in self._known:
            entry = Entry.model_construct(
                run=self.run, seq=len(self._entries) + 1, key=key, at=0.0, input=input, event=event
            )
            self._known[key] = entry
            self._entries.append(entry)
        return self._known[key]

    def entries(self) -> Sequence[Entry]:
        return self._entries

    async def blobs(self, hashes: Sequence[str]) -> Mapping[str, str]:
        return {}

    async def commands(self) -> Sequence[Any]:
        return ()

    async def close(self, *, state: str = "interrupted") -> None:
        pass


class Unlimited:
    def check(self) -> None:
        pass

    def spend(self, usage: Usage) -> None:
        pass


async def talk(journal: RunJournal, turns: int) -> float:
    """Milliseconds of CPU per turn."""
    desk = Desk(journal, {"edge": InstantModel()}, "en", Unlimited(), PromptBook(journal))
    files = [SourceFile(f"file_{number}.py", FILE, "source") for number in range(3)]
    context = build_context(
        idea="A unit converter.", language="en", artifacts=(), files=files, system=system_text("en")
    )
    persona = Role(name="programmer", title="Programmer", prompt="You are the programmer.")
    transcript: tuple[Segment, ...] = ()
    begun = time.process_time()
    for number in range(1, turns + 1):
        result = await desk.take(
            TurnRequest(
                key=f"talk#1/-/{number}",
                phase="talk",
                visit=1,
                role="programmer",
                persona=persona,
                instruction="Say what is to be done next.",
                expects=Expectation("text"),
                context=context,
                transcript=transcript,
            )
        )
        transcript = (*transcript, Segment(f"Programmer:\n{result.text}", source=result.reply))
    return (time.process_time() - begun) / turns * 1000


async def measure(turns: int, repeat: int) -> None:
    memory = min([await talk(MemoryJournal(), turns) for _ in range(repeat)])
    stored: list[float] = []
    for number in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            journal = await open_journal(Path(folder) / "journal.db")
            run = await journal.create(f"r{number}", company="bench", idea="bench", folder=folder)
            stored.append(await talk(run, turns))
            await journal.close()
    print(f"{turns} turns, growing transcript, instant model, best of {repeat}")
    print(f"  the desk's own work      {memory:6.2f} ms CPU per turn   (at most 1.2)")
    print(f"  with the SQLite journal  {min(stored):6.2f} ms CPU per turn")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.turns, arguments.repeat))


if __name__ == "__main__":
    main()
