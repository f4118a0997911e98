"""A terminal program as a person sees it: screens as text and picture, keys, and what must be on the screen then."""

from __future__ import annotations

import time
from collections.abc import Sequence

from agentverse.blueprint.artifacts import Moment, Show, Step
from agentverse.sandbox import scrub
from agentverse.sandbox.live.terminal import PtyTerminal, squeezed
from agentverse.sandbox.looks import keys
from agentverse.sandbox.looks.protocol import Look, Start
from agentverse.sandbox.protocol import ExecResult, Limits, Sandbox

FIRST, NEXT, LONGEST_WAIT = 10.0, 2.0, 3.0
"""Seconds: until something must be on the screen, until a step must show, and that a step may wait."""
KEPT = 2000
CRASH = "traceback (most recent call last)"


async def look(box: Sandbox, start: Start, tour: Sequence[Step], *, limits: Limits) -> Look:
    """Start the product on a terminal of 80 by 24, press keys, read the screen.

    ``key`` presses a key. ``type`` types a line and Enter. ``wait`` waits. Text in ``see`` must be on the screen within
    two seconds. Without a tour the program must show something and not fail within a moment.

    Raises:
        SandboxUnavailable: nothing could be started.
    """
    began = time.monotonic()
    terminal = await box.terminal(start.argv, env=start.env, mounts=start.mounts)
    assert isinstance(terminal, PtyTerminal)
    seen = _Seen(terminal)
    try:
        reason = await _try(terminal, tour, seen)
        result = await terminal.wait() if terminal.over else None
    finally:
        await terminal.kill()
    show = Show(
        kind="terminal",
        command=list(start.argv),
        passed=not reason,
        reason=reason,
        ended=result.reason if result is not None else "exited",
        moments=seen.moments,
        seconds=round(time.monotonic() - began, 2),
    )
    return Look(show, seen.pictures)


class _Seen:
    """Moments so far, each with its picture."""

    def __init__(self, terminal: PtyTerminal) -> None:
        self._terminal = terminal
        self.moments: list[Moment] = []
        self.pictures: dict[str, bytes] = {}

    def keep(self, did: str) -> None:
        name = f"{len(self.moments)}.png"
        self.pictures[name] = self._terminal.picture()
        self.moments.append(Moment(did=did, saw=self._terminal.screen()[:KEPT], picture=name))


async def _try(terminal: PtyTerminal, tour: Sequence[Step], seen: _Seen) -> str:
    """Take the tour; return why it failed, or ""."""
    shown = await terminal.until("", within=FIRST)
    await terminal.settle()
    seen.keep("start")
    if not shown:
        if terminal.over and not (reason := _ending(await terminal.wait(), terminal)):
            return "it ended without showing anything"
        return _ending(await terminal.wait(), terminal) if terminal.over else f"nothing was shown for {FIRST:g} seconds"
    for step in tour:
        if terminal.over:
            break
        did = f"{step.do} {step.what}".strip()
        before = terminal.printed
        if reason := await _do(terminal, step):
            return reason
        if step.see and not await terminal.until(step.see, within=NEXT):
            await terminal.settle()
            seen.keep(did)
            return (
                _ended_badly(await terminal.wait(), terminal)
                if terminal.over
                else (f"after {did!r} the screen did not show {step.see!r}")
            )
        await terminal.settle()
        if terminal.printed != before or step.see:
            seen.keep(did)
    if terminal.over:
        return _ending(await terminal.wait(), terminal)
    return _crash(terminal)


async def _do(terminal: PtyTerminal, step: Step) -> str:
    if step.do == "wait":
        try:
            seconds = float(step.what or 1)
        except ValueError:
            seconds = 1.0
        await terminal.settle(quiet=min(max(seconds, 0.0), LONGEST_WAIT), within=LONGEST_WAIT)
    elif step.do == "type":
        await terminal.send(f"{step.what}\r")
    elif step.do == "key":
        try:
            await terminal.press(step.what)
        except keys.UnknownKey as error:
            return f"the tour is wrong: {error}"
    return ""


def _ended_badly(result: ExecResult, terminal: PtyTerminal) -> str:
    return _ending(result, terminal) or "it ended before the tour was over"


def _ending(result: ExecResult, terminal: PtyTerminal) -> str:
    """Why a program that ended did not end well; "" when it did."""
    if crash := _crash(terminal):
        return crash
    if result.signal is not None:
        return f"it was killed by signal {result.signal}"
    if result.exit_code:
        lines = terminal.screen().splitlines()
        said = f": {scrub.one_line(lines[-1], 200)}" if lines else ""
        return f"it ended with exit code {result.exit_code}{said}"
    return "the sandbox broke down" if result.reason == "sandbox_lost" else ""


def _crash(terminal: PtyTerminal) -> str:
    if CRASH not in squeezed(terminal.screen()):
        return ""
    lines = [line for line in terminal.screen().splitlines() if line.strip()]
    return f"it crashed: {scrub.one_line(lines[-1], 200)}"
