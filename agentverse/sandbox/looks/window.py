"""A desktop program as a person sees it: a window that appears, pictures of it, keys and clicks that change it.

The program shares its box with the X server, so it could draw what it is not. What is believed is only that a window
appeared, showed more than one colour, and answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from agentverse.blueprint.artifacts import Moment, Show, Step
from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import scrub
from agentverse.sandbox.looks import keys, pixels
from agentverse.sandbox.looks.protocol import Look, Start
from agentverse.sandbox.protocol import Display, ExecResult, Limits, Running, Sandbox

APPEARS, ANSWERS, LONGEST_WAIT = 15.0, 1.0, 3.0
"""Seconds: until a window must be there, until a step must have changed it, and that a step may wait."""
BEAT = 0.05
WIDTH, HEIGHT = 800, 600
ENVIRONMENT = {
    "SDL_AUDIODRIVER": "dummy",
    "SDL_MOUSE_FOCUS_CLICKTHROUGH": "1",
    "SDL_VIDEO_WINDOW_POS": "0,0",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
}
"""A window at the corner of the screen has places that are the same on both."""


async def look(box: Sandbox, start: Start, tour: Sequence[Step], *, limits: Limits) -> Look:
    """Start the product on a screen of 800 by 600, press keys, click, and compare pictures.

    ``key`` presses a key, ``type`` types a text, ``click`` takes ``x,y``, ``wait`` seconds. A step with anything in
    ``see`` must change the picture within a second; a tour during which nothing at all changes shows a frozen window.

    Raises:
        SandboxUnavailable: nothing could be started.
    """
    began = time.monotonic()
    try:
        display = await box.display(WIDTH, HEIGHT, mounts=start.mounts)
    except SandboxUnavailable as error:
        return Look(
            Show(
                kind="window",
                command=list(start.argv),
                passed=False,
                reason=str(error),
                ended="not_run",
                fix=error.fix or "",
            )
        )
    env = {**ENVIRONMENT, **start.env, "DISPLAY": display.name}
    program = await box.spawn(start.argv, name="product", env=env)
    seen = _Seen(display)
    try:
        reason = await _try(display, program, tour, seen)
        result = await program.wait() if program.over else None
    except ConnectionError as error:
        reason, result = f"the display broke down: {error}", None
    finally:
        await program.kill()
        await display.close()
    show = Show(
        kind="window",
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

    def __init__(self, display: Display) -> None:
        self._display = display
        self.moments: list[Moment] = []
        self.pictures: dict[str, bytes] = {}
        self.last = b""
        self.changes = 0

    async def keep(self, did: str, picture: bytes) -> None:
        name = f"{len(self.moments)}.png"
        titles = ", ".join(scrub.one_line(scrub.clean(title), 80) for title in await self._display.windows())
        self.pictures[name] = self.last = picture
        self.moments.append(Moment(did=did, saw=titles, picture=name))

    async def new(self, *, within: float) -> bytes | None:
        """The next picture that differs from the last one kept; None when there is none in time."""
        deadline = time.monotonic() + within
        while True:
            picture = await self._display.screenshot()
            if pixels.changed(self.last, picture):
                return picture
            if time.monotonic() > deadline:
                return None
            await asyncio.sleep(BEAT)


async def _try(display: Display, program: Running, tour: Sequence[Step], seen: _Seen) -> str:
    """Take the tour; return why it failed, or ""."""
    deadline = time.monotonic() + APPEARS
    while not await display.windows():
        if program.over:
            return _ending(await program.wait()) or "it ended without opening a window"
        if time.monotonic() > deadline:
            return f"no window appeared within {APPEARS:g} seconds"
        await asyncio.sleep(BEAT)
    picture = await display.screenshot()
    deadline = time.monotonic() + 2 * ANSWERS
    while pixels.blank(picture, await display.area()) and time.monotonic() < deadline and not program.over:
        await asyncio.sleep(BEAT)
        picture = await display.screenshot()
    await seen.keep("start", picture)
    if pixels.blank(picture, await display.area()):
        return (_ending(await program.wait()) if program.over else "") or "the window stays blank"
    for step in tour:
        if program.over:
            break
        did = f"{step.do} {step.what}".strip()
        try:
            await _do(display, step)
        except ValueError as error:
            return f"the tour is wrong: {error}"
        changed = await seen.new(within=ANSWERS if step.do in ("key", "type", "click") else BEAT)
        if changed is not None:
            seen.changes += 1
            await seen.keep(did, changed)
        elif step.see and not program.over:
            await seen.keep(did, await display.screenshot())
            return f"nothing changed in the window after {did!r}"
    if program.over:
        return _ending(await program.wait())
    acts = [step for step in tour if step.do in ("key", "type", "click")]
    if len(acts) > 1 and not seen.changes:
        return "the window is frozen: no key and no click changed anything"
    await asyncio.wait([asyncio.ensure_future(program.wait())], timeout=ANSWERS / 2)
    return _ending(await program.wait()) if program.over else ""


async def _do(display: Display, step: Step) -> None:
    """Do one step.

    Raises:
        ValueError: it makes no sense for a window.
    """
    if step.do == "key":
        await display.key(step.what)
    elif step.do == "type":
        await display.type(step.what)
    elif step.do == "click":
        x, comma, y = step.what.partition(",")
        if not comma or not x.strip().isdigit() or not y.strip().isdigit():
            raise keys.UnknownKey(f"a click in a window is written x,y and not {step.what!r}")
        await display.click(int(x), int(y))
    elif step.do == "wait":
        try:
            await asyncio.sleep(min(max(float(step.what or 1), 0.0), LONGEST_WAIT))
        except ValueError:
            await asyncio.sleep(1.0)


def _ending(result: ExecResult) -> str:
    """Why a program that ended did not end well; "" when it did."""
    if result.reason == "sandbox_lost":
        return "the sandbox broke down"
    said = [line for line in scrub.text(result.stderr).splitlines() if line.strip()]
    last = f": {scrub.one_line(said[-1], 200)}" if said else ""
    if result.signal is not None:
        return f"it was killed by signal {result.signal}{last}"
    return f"it ended with exit code {result.exit_code}{last}" if result.exit_code else ""
