"""Puts the questions of a run to the person at the terminal."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys

from agentverse.cli.display import Display
from agentverse.cli.story import Line
from agentverse.cli.text import one_line
from agentverse.cli.words import word
from agentverse.engine.protocol import RunHandle
from agentverse.journal.events import Entry, GateAnswered, GateOpened


class Asker:
    """Asks one question at a time; a question that is answered elsewhere is taken back.

    Args:
        group: where the questions live.
        interactive: there is a person here; otherwise it is said how to answer from elsewhere.
        reachable: seats held by people wait for an answer from elsewhere.
    """

    def __init__(
        self,
        handle: RunHandle,
        display: Display,
        group: asyncio.TaskGroup,
        *,
        interactive: bool,
        reachable: bool = False,
    ) -> None:
        self._handle = handle
        self._display = display
        self._group = group
        self._interactive = interactive
        self._reachable = reachable
        self._open: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()

    def heed(self, entry: Entry) -> None:
        """Take notice of what was opened and answered."""
        if isinstance(entry.event, GateOpened):
            if self._interactive:
                self._open[entry.key] = self._group.create_task(self._ask(entry.key, entry.event))
            elif self._reachable if entry.event.seat else entry.event.default is None:
                command = f"agentverse answer {self._handle.id} --gate {shlex.quote(entry.key)} --text …"
                self._display.say(Line(word("answer_elsewhere", self._language, command=command), "heading"))
        elif isinstance(entry.event, GateAnswered):
            self._withdraw(f"{entry.key.rpartition('/')[0]}/gate")

    def close(self) -> None:
        """Take all questions back."""
        for key in list(self._open):
            self._withdraw(key)

    @property
    def _language(self) -> str:
        return self._display.story.language

    def _withdraw(self, key: str) -> None:
        task = self._open.pop(key, None)
        if task is not None:
            task.cancel()

    async def _ask(self, key: str, gate: GateOpened) -> None:
        async with self._turn:
            self._display.pause()
            try:
                answer = await self._dialogue(gate)
            finally:
                self._display.go_on()
        self._open.pop(key, None)
        if answer is not None:
            await self._handle.answer(key, text=answer[0], choice=answer[1])

    async def _dialogue(self, gate: GateOpened) -> tuple[str, str] | None:
        """Text and choice; None when there is nobody at the terminal any more."""
        while True:
            if gate.default is not None:
                _write(word("answer_default", self._language, default=one_line(gate.default)) + "\n")
            _write(word("answer_number" if gate.choices else "answer_here", self._language) + ": ")
            line = await read_line()
            if line is None:
                return None
            text, choice = read_answer(line, gate)
            if text or choice:
                return text, choice
            _write(word("not_a_choice" if gate.choices else "say_something", self._language) + "\n")


def read_answer(line: str, gate: GateOpened) -> tuple[str, str]:
    """Text and choice that a line means; two empty strings when it answers nothing. An empty line takes the default."""
    said = line.strip() or (gate.default or "")
    if not gate.choices:
        return said, ""
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(gate.choices):
        return "", gate.choices[int(said) - 1]
    for choice in gate.choices:
        if choice.casefold() == said.casefold():
            return "", choice
    return "", ""


async def read_line(descriptor: int = 0) -> str | None:
    """A line from a terminal or a pipe, without its end; None when it is closed. Can be cancelled."""
    loop = asyncio.get_running_loop()
    got = bytearray()
    while not got.endswith(b"\n"):
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(descriptor, _resolve, ready)
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
        piece = os.read(descriptor, 1)
        if not piece:
            return got.decode("utf-8", "replace") if got else None
        got += piece
    return got.decode("utf-8", "replace").rstrip("\r\n")


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
