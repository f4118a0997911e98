"""Sees a run through: shows it, asks people, stops it in order on Ctrl-C and SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Generator

from agentverse.cli.asking import Asker
from agentverse.cli.display import Display
from agentverse.cli.story import Line
from agentverse.cli.words import word
from agentverse.engine.protocol import RunHandle, RunResult
from agentverse.journal.events import Entry, GateAnswered, GateOpened, RunStarted

INTERRUPTED = 130
Known = Callable[[Entry], bool]
"""Whether an entry was there before this process took the run on; such entries are counted, not shown."""


async def see_through(
    handle: RunHandle,
    display: Display,
    *,
    interactive: bool = False,
    reachable: bool = False,
    known: Known | None = None,
) -> tuple[RunResult, int]:
    """Follow a run to its end.

    Args:
        interactive: a person at the terminal is asked.
        reachable: seats held by people wait for an answer from another process.
        known: entries that are old news.

    Returns:
        How it ended, and the exit code: 0 succeeded, 130 interrupted, 1 otherwise.
    """
    stops: asyncio.Queue[None] = asyncio.Queue()
    asked = 0

    async def heed_signals() -> None:
        nonlocal asked
        while True:
            await stops.get()
            asked += 1
            name = "stopping" if asked == 1 else "stopping_now"
            display.say(Line(word(name, display.story.language), "warn"))
            await handle.stop(now=asked > 1)

    display.say(Line(word("run_id", display.story.language, run=handle.id), "faint"))
    try:
        with _on_signals(lambda: stops.put_nowait(None)):
            async with asyncio.TaskGroup() as group:
                asker = Asker(handle, display, group, interactive=interactive, reachable=reachable)
                signals = group.create_task(heed_signals())
                await _follow(handle, display, asker, known or (lambda entry: False))
                result = await handle.result()
                asker.close()
                signals.cancel()
    except BaseExceptionGroup as group:
        await _abandon(handle)
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None  # a reader that left is a BrokenPipeError, wherever it was noticed
        raise
    except BaseException:
        await _abandon(handle)
        raise
    finally:
        display.close()
    if result.outcome == "succeeded":
        return result, 0
    return result, INTERRUPTED if asked else 1


async def _abandon(handle: RunHandle) -> None:
    await handle.stop(now=True)
    with contextlib.suppress(Exception):  # the caller raises what came first
        await handle.result()


def after(seq: int) -> Known:
    """For a resumed run: everything up to the entry ``seq`` is known."""
    return lambda entry: entry.seq <= seq


def before_start() -> Known:
    """For a fork: what it took over comes before its own beginning."""
    begun = False

    def known(entry: Entry) -> bool:
        nonlocal begun
        begun = begun or isinstance(entry.event, RunStarted)
        return not begun

    return known


async def _follow(handle: RunHandle, display: Display, asker: Asker, known: Known) -> None:
    waiting: dict[str, Entry] = {}
    caught_up = False
    async for entry in handle:
        if known(entry):
            display.story.tell(entry)
            if isinstance(entry.event, GateOpened):
                waiting[entry.key] = entry
            elif isinstance(entry.event, GateAnswered):
                waiting.pop(f"{entry.key.rpartition('/')[0]}/gate", None)
            continue
        if not caught_up:
            caught_up = True
            for gate in waiting.values():
                display.show(gate)
                asker.heed(gate)
        display.show(entry)
        asker.heed(entry)


@contextlib.contextmanager
def _on_signals(stop: Callable[[], None]) -> Generator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
