"""A command-line program as a person tries it: a transcript of what was typed and what came back."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace

from agentverse.blueprint.artifacts import Moment, Show, Step
from agentverse.sandbox import scrub
from agentverse.sandbox.live.terminal import squeezed
from agentverse.sandbox.looks.protocol import Look, Start
from agentverse.sandbox.protocol import ExecResult, Limits, Sandbox

SOON = 10.0
"""Seconds in which a program has said how it is used."""
KEPT, GIVEN = 2000, 200
"""Characters kept of what was printed, and of what it was given to read."""
CRASH = "Traceback (most recent call last)"
OTHER_CRASHES = re.compile(r"^(panic: .*|thread '.* panicked at .*|Exception in thread \"main\".*)$", re.MULTILINE)
"""What Go, Rust and Java say of an error that nobody caught."""
NODE_CRASH = re.compile(r"^(\w*Error\b.*)$(?=[\s\S]*^Node\.js v\d)", re.MULTILINE)


async def look(box: Sandbox, start: Start, tour: Sequence[Step], *, limits: Limits) -> Look:
    """Start the product with ``--help``, with nothing at all, and with the words of each ``run`` step.

    It may end with any exit code, but not by a traceback or a signal, and not never. ``type`` after ``run`` is what it
    can read. Text in ``see`` must be in what it printed.

    Raises:
        SandboxUnavailable: nothing could be started.
    """
    began = time.monotonic()
    moments: list[Moment] = []
    reason, ended = "", "exited"
    for words, typed, see in [(["--help"], "", ""), ([], "", ""), *_commands(tour)]:
        said = shlex.join([*start.argv[1:], *words])
        result = await box.exec(
            [*start.argv, *words],
            stdin=typed.encode(),
            env=start.env,
            mounts=start.mounts,
            limits=replace(limits, wall=min(limits.wall, SOON)),
        )
        printed = "\n".join(scrub.text(part).strip("\n") for part in (result.stdout, result.stderr) if part)
        given = f" < {shlex.quote(scrub.one_line(typed, GIVEN))}" if typed else ""
        ended_with = f"\n[exit code {result.exit_code}]" if result.exit_code else ""
        moments.append(Moment(did=said + given, saw=printed[:KEPT] + ended_with))
        if why := _fault(result, printed, see):
            reason, ended = f"{said}: {why}", result.reason
            break
    return Look(
        Show(
            kind="command",
            command=list(start.argv),
            passed=not reason,
            reason=reason,
            ended=ended,
            moments=moments,
            seconds=round(time.monotonic() - began, 2),
        )
    )


def _commands(tour: Sequence[Step]) -> list[tuple[list[str], str, str]]:
    """Words, what is typed, and what must be seen, of every command in the tour."""
    found: list[tuple[list[str], str, str]] = []
    for step in tour:
        if step.do == "run":
            try:
                found.append((shlex.split(step.what), "", step.see))
            except ValueError:
                found.append((step.what.split(), "", step.see))
        elif step.do == "type" and found:
            words, typed, see = found[-1]
            found[-1] = (words, f"{typed}{step.what}\n", step.see or see)
    return found


def _crash(printed: str) -> str:
    """The line that names an error which nobody caught; "" when there is none."""
    if CRASH in printed:
        return [line for line in printed.splitlines() if line.strip()][-1]
    found = OTHER_CRASHES.search(printed) or NODE_CRASH.search(printed[-KEPT:])
    return found[1] if found else ""


def _fault(result: ExecResult, printed: str, see: str) -> str:
    """What is wrong with one command; "" when nothing is."""
    if result.reason == "timeout":
        return "it did not end, although there was nothing to read"
    if result.signal is not None:
        return f"it was killed by signal {result.signal}"
    if result.reason != "exited":
        return f"it was stopped: {result.reason}"
    if crash := _crash(printed):
        return f"it crashed: {scrub.one_line(crash, 200)}"
    if see and squeezed(see) not in squeezed(printed):
        return f"it did not print {see!r}"
    return ""
