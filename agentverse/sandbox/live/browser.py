"""Chromium in the box, with keyboard, mouse and camera.

It runs without its own sandbox, which needs the namespaces that the box denies; the box is its sandbox. Whatever it
says is as hostile as the page it shows.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import tooling
from agentverse.sandbox.equipment import remedy
from agentverse.sandbox.live import chromium
from agentverse.sandbox.live.cdp import ANSWERING, Devtools, Message, Refused, mapping, string
from agentverse.sandbox.live.pagewatch import PageWatch, line
from agentverse.sandbox.live.picture import is_picture
from agentverse.sandbox.live.running import Program
from agentverse.sandbox.looks import keys
from agentverse.sandbox.protocol import Limits, Mount, PageError, Trouble

if TYPE_CHECKING:
    from agentverse.sandbox.live.session import Session

STARTING, LOADING, RESCUING = 30.0, 10.0, 2.0
"""Seconds: for the browser to start, for a page to load, and for one that hangs to give a sign of life."""
MOST_DIALOGS = 50
"""Dialogs that are answered; a page that opens more of them is given up."""
TRIES = 5
"""How often something is done again because the page changed meanwhile."""
NOT_FOUND = 127
"""Exit code of a shell that found no such program, or not all of it."""
WORLD = "agentverse"
LINE_KEYS = {"\n": "Enter", "\t": "Tab"}
HELD = {"alt": 1, "ctrl": 2, "shift": 8}


class Chromium:
    """A `agentverse.sandbox.protocol.Browser`. Made by `start`."""

    def __init__(self, program: Program, width: int, height: int) -> None:
        self._program = program
        self._width, self._height = width, height
        self._watch = PageWatch()
        self._tools = Devtools(program, self._heard, self._watch.stop)
        self._page = self._frame = ""
        self._said: list[str] = []

    @classmethod
    def mounts(cls) -> tuple[Mount, ...]:
        """What the box has to be shown for `start`.

        Raises:
            SandboxUnavailable: there is no Chromium.
        """
        return chromium.find().mounts

    @classmethod
    async def start(cls, session: Session, *, width: int, height: int) -> Chromium:
        """Start a browser in a session that shows `mounts`.

        Raises:
            SandboxUnavailable: there is no Chromium, or it does not start.
        """
        words = chromium.find().words(f"browser-{secrets.token_hex(4)}")
        program = session.spawn(words, name="Chromium", limits=Limits(memory=0, cpu=3600), pipes=True)
        made = cls(program, width, height)
        try:
            async with asyncio.timeout(STARTING):
                await made._open()
        except (ConnectionError, Refused, TimeoutError) as error:
            await asyncio.wait([asyncio.ensure_future(program.wait())], timeout=RESCUING)
            await made.close()
            said = program.printed().decode(errors="replace").strip().splitlines()
            why = line(said[-1], 200) if said else str(error) or "it is not there in time"
            fix = chromium.ELSEWHERE if (await program.wait()).exit_code == NOT_FOUND else remedy("Chromium")
            raise SandboxUnavailable(f"Chromium does not start here: {why}", fix=fix) from error
        return made

    @property
    def troubles(self) -> Sequence[Trouble]:
        """What went wrong so far."""
        return self._watch.troubles

    @property
    def dialogs(self) -> Sequence[str]:
        """What dialogs said so far."""
        return self._said

    async def goto(self, url: str) -> int:
        """Open a page; see the protocol."""
        self._watch.loaded.clear()
        try:
            async with asyncio.timeout(LOADING):
                said = await self._ask("Page.navigate", within=LOADING + 1, url=url)
                if said.get("isDownload"):
                    return 0
                if why := string(said.get("errorText")):
                    raise PageError(f"it could not be opened: {line(why).removeprefix('net::')}")
                if said.get("loaderId"):  # without, the browser only moved within the page
                    await self._watch.loaded.wait()
                    self._tools.check()
        except TimeoutError:
            await self._rescue()
            raise PageError(f"it was not loaded within {LOADING:g} seconds") from None
        except Refused as error:
            raise PageError(f"it could not be opened: {line(str(error))}") from None
        return self._watch.statuses.get(string(said.get("loaderId")), 0)

    async def text(self) -> str:
        """What can be read on the page."""
        return string(await self._in_page({"do": "read"}), 20000)

    async def screenshot(self) -> bytes:
        """What the window shows, as PNG of its size."""
        for _ in range(TRIES):
            with suppress(Refused):  # while one page follows another there is nothing to be seen
                said = await self._ask("Page.captureScreenshot", optimizeForSpeed=True)
                with suppress(ValueError):
                    picture = base64.b64decode(said.get("data") or "", validate=True)
                    if is_picture(picture, self._width, self._height):
                        return picture
            await self.settle()
        raise ConnectionError("the browser gave no picture")

    async def click(self, what: str) -> None:
        """Click something; see the protocol."""
        said = _point(what) or mapping(await self._in_page({"do": "click", "what": what}))
        if "missing" in said:
            raise PageError(f"there is nothing called {what!r} to click; {_there_is(said)}")
        await self._press_at(said)

    async def type(self, field: str, text: str) -> None:
        """Write into a field; see the protocol."""
        said = mapping(await self._in_page({"do": "write", "what": field, "text": text}))
        if "missing" in said:
            missing = f"{field!r} has no choice {text!r}" if said.get("choice") else f"there is no field {field!r}"
            raise PageError(f"{missing}; {_there_is(said)}")
        if not said.get("ready"):
            await self._press_at(said)
        elif text.isascii():
            pressed = [
                keys.parse(LINE_KEYS.get(each, each)) for each in text if each.isprintable() or each in LINE_KEYS
            ]
            await self._press(*(pressed or [keys.parse("Delete")]))
        else:
            await self._act("Input.insertText", {"text": text})

    async def key(self, name: str) -> None:
        """Press a key.

        Raises:
            UnknownKey: there is none of that name.
        """
        await self._press(keys.parse(name))

    async def settle(self, *, quiet: float = 0.1, within: float = 3.0) -> None:
        """Wait until nothing was asked of a server for ``quiet`` seconds and every answer is there.

        A page that is on its way is waited for as long as one that is opened, and is a trouble then.
        """
        await self._rest(quiet, within)
        if self._watch.documents:
            await self._rest(quiet, LOADING)
            self._watch.give_up_documents()

    async def _rest(self, quiet: float, within: float) -> None:
        news = self._watch.news
        try:
            async with asyncio.timeout(within):
                while not self._program.over:
                    news.clear()
                    try:
                        async with asyncio.timeout(quiet):
                            await news.wait()
                    except TimeoutError:
                        if not self._watch.waiting:
                            return
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Kill it."""
        await self._program.kill()

    # ------------------------------------------------------------------ the page

    async def _open(self) -> None:
        """Make the one page that there is."""
        made = await self._tools.ask("Target.createTarget", within=STARTING, url="about:blank")
        self._frame = string(made.get("targetId"))
        attached = await self._tools.ask("Target.attachToTarget", targetId=self._frame, flatten=True)
        self._page = string(attached.get("sessionId"))
        self._tools.tell("Browser.setDownloadBehavior", behavior="deny")
        for domain in ("Page", "Runtime", "Network", "Log", "Inspector"):
            self._tools.tell(f"{domain}.enable", page=self._page)
        size: Message = {"width": self._width, "height": self._height, "deviceScaleFactor": 1, "mobile": False}
        await self._ask("Emulation.setDeviceMetricsOverride", **size)

    async def _ask(self, method: str, *, within: float = ANSWERING, **parameters: object) -> Message:
        return await self._tools.ask(method, page=self._page, within=within, **parameters)

    async def _in_page(self, order: Message) -> Any:
        """Run our own script beside those of the page; return what it returns.

        Raises:
            PageError: the page is replaced by another again and again.
        """
        for _ in range(TRIES):
            with suppress(Refused):  # the page has just been replaced by another
                world = await self._ask("Page.createIsolatedWorld", frameId=self._frame, worldName=WORLD)
                said = await self._ask(
                    "Runtime.evaluate",
                    expression=f"({_script()})({json.dumps(order)})",
                    contextId=world.get("executionContextId"),
                    returnByValue=True,
                )
                if "exceptionDetails" not in said:
                    return mapping(said.get("result")).get("value")
            await self.settle()
        raise PageError("the page does not stand still")

    async def _press_at(self, found: Message) -> None:
        """Move the mouse to a point and press its first button; nothing when there is no point."""
        x, y = found.get("x"), found.get("y")
        if not isinstance(x, int | float) or not isinstance(y, int | float):
            return
        there: Message = {"x": x, "y": y}
        button: Message = {**there, "button": "left", "clickCount": 1}
        await self._act(
            "Input.dispatchMouseEvent",
            {"type": "mouseMoved", **there},
            {"type": "mousePressed", **button},
            {"type": "mouseReleased", **button},
        )

    async def _press(self, *pressed: keys.Key) -> None:
        await self._act("Input.dispatchKeyEvent", *(stroke for key in pressed for stroke in _strokes(key)))

    async def _act(self, method: str, *acts: Message) -> None:
        """Do these in order; wait until the page has taken the last."""
        for act in acts[:-1]:
            self._tools.tell(method, page=self._page, **act)
        with suppress(Refused):  # it led to another page before it was answered
            await self._ask(method, **acts[-1])

    async def _rescue(self) -> None:
        """Stop what keeps a page from being loaded, so that something of it can be seen."""
        for method in ("Page.stopLoading", "Runtime.terminateExecution"):
            with suppress(Refused, ConnectionError):
                await self._ask(method, within=RESCUING)

    def _heard(self, method: str, said: Message) -> None:
        if method == "Page.javascriptDialogOpening":
            self._said.append(line(string(said.get("message"))))
            if len(self._said) > MOST_DIALOGS:
                self._tools.give_up("the page opens dialogs without end")
            answer = string(said.get("defaultPrompt"))
            self._tools.tell("Page.handleJavaScriptDialog", page=self._page, accept=True, promptText=answer)
        elif method in ("Inspector.targetCrashed", "Target.detachedFromTarget"):
            self._tools.give_up("the page crashed")
        else:
            self._watch.heard(method, said)


@cache
def _script() -> str:
    return (tooling.INSIDE / "agentverse_page.js").read_text(encoding="utf-8")


def _there_is(said: Message) -> str:
    """What the page has instead, in the page's words."""
    names = line(string(said.get("missing")), 200)
    return f"there is: {names}" if names else "there is none at all"


def _point(what: str) -> Message:
    """``x,y`` as a point; an empty one for anything else."""
    x, _, y = (part.strip() for part in what.partition(","))
    return {"x": int(x), "y": int(y)} if x.isdecimal() and y.isdecimal() else {}


def _strokes(key: keys.Key) -> list[Message]:
    """A key going down and up again."""
    held = sum(HELD[name] for name in key.modifiers)
    same: Message = {"key": key.name, "code": key.code, "windowsVirtualKeyCode": key.number, "modifiers": held}
    down: Message = {"type": "keyDown", "text": key.text} if key.text else {"type": "rawKeyDown"}
    return [{**same, **down}, {**same, "type": "keyUp"}]
