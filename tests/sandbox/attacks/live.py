"""Attacks in a session: on the program that carries what is said, on whoever connects, on screens."""

from __future__ import annotations

import asyncio
import gc
import resource
import time
from collections.abc import Awaitable, Callable
from typing import Any

from agentverse.blueprint.artifacts import Step
from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.looks.protocol import Start
from agentverse.sandbox.looks.window import look
from agentverse.sandbox.protocol import Running
from tests.sandbox.attacks.scene import NotTried, Scene, must

PATIENCE = 60.0
PORT = 8000
MOST_HELD = 64 << 20
"""Bytes that the host may hold for somebody who does not read."""
DEAREST = 30.0
"""Seconds of the host's processor that one screen may cost."""


async def _words(scene: Scene, *more: str) -> list[str]:
    await scene.put()
    return ["python", f"{scene.name}.py", scene.mark, *more]


async def _works(scene: Scene) -> None:
    """A session is there for the next program, whatever became of the last."""
    result = await scene.box.warm(["echo", "again"], limits=scene.limits)
    must(result.stdout == b"again\n", f"no session afterwards: {result.reason} {result.stderr[-200:]!r}")


def warm(*ways: str, lies: bool = False) -> Callable[[Scene], Awaitable[None]]:
    """Run the program in a session, in each of these ways; a session must be there for the next program."""

    async def way(scene: Scene) -> None:
        for how in ways or ("",):
            result = await scene.box.warm(await _words(scene, how), limits=scene.limits)
            if "tried" not in await scene.box.export():
                raise NotTried(f"{result.reason}, {result.exit_code}: {result.stderr[-300:]!r}")
            if lies:  # a liar may say that it ended, and that the next one did: it is not to be there any more
                await scene.box.end_session()
            await _works(scene)

    return way


async def half_closed(scene: Scene) -> None:
    """Write to a program that has closed its input; it can be killed all the same."""
    program = await _spawned(scene)
    for _ in range(64):
        await program.write(bytes(1 << 16))
    await program.kill()
    must(program.over, "it cannot be killed")
    await _works(scene)


async def flooded(scene: Scene) -> None:
    """Connect to a server that sends without end, and do not read."""
    program = await _spawned(scene)
    connection = await scene.box.connect(PORT)
    await program.until(b"DONE", within=PATIENCE)
    held = 0
    while piece := await connection.read(1 << 20):
        held += len(piece)
    must(held <= MOST_HELD, f"the host held {held >> 20} MiB for somebody who does not read")
    await connection.close()
    await program.kill()
    await _works(scene)


async def mute(scene: Scene) -> None:
    """Connect to a server that answers nobody, from the host's browser too; closing ends all of it."""
    await _spawned(scene)
    url = await scene.box.publish(PORT)
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    connection = await scene.box.connect(PORT)
    for _ in range(64):
        await connection.write(bytes(1 << 16))
    await scene.box.end_session()
    must(await reader.read() == b"", "somebody answered")
    writer.close()
    await _works(scene)


async def terminal(scene: Scene) -> None:
    """Show a screen to a program that prints what makes terminals work without end."""
    words = await _words(scene)
    gc.collect()
    before, size = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shown: Any = await scene.box.terminal(words)
    await shown.settle(quiet=2.0, within=PATIENCE)
    screen, picture = shown.screen(), shown.picture()
    if shown.printed < 1000:
        raise NotTried(f"it printed {screen!r}")
    await shown.kill()
    spent, grown = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size
    must(spent < DEAREST, f"one screen cost {spent:.0f} seconds of the host's processor")
    must(grown << 10 < MOST_HELD * 2, f"one screen cost {grown >> 10} MiB of the host's memory")
    must(len(screen) < 10_000 and len(picture) < 1 << 20, "the screen grew")
    must("\x1b" not in screen, "an escape is on the screen")
    await _works(scene)


def window(times: int = 1) -> Callable[[Scene], Awaitable[None]]:
    """Look at a window that does not want to be looked at as it is: what is seen is judged or refused, in the end."""

    async def way(scene: Scene) -> None:
        for time_ in range(times):
            start, key = Start(tuple(await _words(scene, str(time_)))), Step(do="key", what="Up", see="x")
            seen = await look(scene.box, start, [key], limits=scene.limits)
            if seen.show.ended == "not_run":
                raise NotTried(seen.show.reason)
            must(not seen.show.passed, "a window that answers nobody was believed to answer")
            must(all(len(picture) < 1 << 22 for picture in seen.pictures.values()), "a picture outgrew its screen")
        await _works(scene)

    return way


async def _spawned(scene: Scene) -> Running:
    try:
        program = await scene.box.spawn(await _words(scene), name="attack")
    except SandboxUnavailable as error:
        raise NotTried(str(error)) from error
    if not await program.until(b"TRIED", within=PATIENCE):
        raise NotTried(program.printed().decode(errors="replace")[-300:])
    return program
