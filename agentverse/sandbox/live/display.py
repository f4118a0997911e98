"""An X server in the box, with a keyboard, a mouse and a camera."""

from __future__ import annotations

import asyncio
import base64
import importlib.metadata
import json
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import tooling
from agentverse.sandbox.equipment import remedy
from agentverse.sandbox.live import frames
from agentverse.sandbox.live.picture import is_picture
from agentverse.sandbox.live.running import Program
from agentverse.sandbox.looks import keys
from agentverse.sandbox.protocol import Limits, Mount

if TYPE_CHECKING:
    from agentverse.sandbox.live.session import Session

FOLDER = "/opt/agentverse-window"
DRIVER = "agentverse_window"
STARTING, ANSWERING = 10.0, 10.0
"""Seconds that the server may take to start, and a request to be answered."""
LONGEST_ANSWER = 16 << 20
MODIFIERS = {"ctrl": "Control_L", "alt": "Alt_L", "shift": "Shift_L"}


class XDisplay:
    """A `agentverse.sandbox.protocol.Display`. Made by `start`."""

    def __init__(self, name: str, server: Program, driver: Program, *, width: int, height: int) -> None:
        self.name = name
        self._width, self._height = width, height
        self._server, self._driver = server, driver
        self._arrived = bytearray()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._asking = asyncio.Lock()
        driver.listener = self._on_piece

    @classmethod
    def mounts(cls) -> tuple[Mount, ...]:
        """Our driver and what it imports."""
        return tuple(Mount(path, f"{FOLDER}/{name}") for name, path in _files().items())

    @classmethod
    async def start(cls, session: Session, *, width: int, height: int) -> XDisplay:
        """Start the server and the driver in a session that shows `mounts`.

        Raises:
            SandboxUnavailable: there is no Xvfb, or it does not start.
        """
        if shutil.which("Xvfb") is None:
            raise SandboxUnavailable("Xvfb is not installed", fix=remedy("Xvfb"))
        words = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
        free = Limits(memory=0, cpu=3600)
        server = session.spawn(words, name="Xvfb", limits=free)
        number = await _number(server)
        if not number:
            said = server.printed().decode(errors="replace").strip().splitlines()
            await server.kill()
            why = said[-1] if said else "without a word"
            raise SandboxUnavailable(f"Xvfb does not start here: {why}", fix=remedy("Xvfb"))
        name = f":{number}"
        env = {"DISPLAY": name, "PYTHONPATH": f"{FOLDER}:{tooling.OURS}/lib"}
        driver = session.spawn(["python", "-P", "-m", DRIVER], name="window driver", env=env, limits=free)
        made = cls(name, server, driver, width=width, height=height)
        if (await made._answer()).get("ready") is not True:
            await made.close()
            raise SandboxUnavailable("the keyboard and mouse of a display do not start here", fix="Try again.")
        return made

    async def windows(self) -> Sequence[str]:
        """Titles of the windows that are shown now."""
        found: object = await self._ask({"do": "windows"})
        return [str(title)[:200] for title in cast(list[object], found)] if isinstance(found, list) else []

    async def area(self) -> tuple[int, int, int, int] | None:
        """Where the window on top is."""
        found: Any = await self._ask({"do": "area"})
        try:
            left, top, right, bottom = (int(number) for number in found[0])
        except (IndexError, TypeError, ValueError):
            return None
        return left, top, right, bottom

    async def screenshot(self) -> bytes:
        """The whole screen as PNG.

        Raises:
            ConnectionError: the display is gone, or gave something else.
        """
        said = await self._ask({"do": "picture"})
        try:
            data = base64.b64decode(str(said), validate=True)
        except ValueError:
            data = b""
        if not is_picture(data, self._width, self._height):
            raise ConnectionError("the display gave no picture")
        return data

    async def key(self, name: str) -> None:
        """Press a key.

        Raises:
            UnknownKey: there is none of that name.
        """
        key = keys.parse(name)
        await self._press(key.keysym, [MODIFIERS[each] for each in key.modifiers])

    async def type(self, text: str) -> None:
        """Press the keys that write this."""
        for character in text:
            await self._press("Return" if character == "\n" else keys.keysym(character), [])

    async def click(self, x: int, y: int) -> None:
        """Move the mouse there and press its first button."""
        await self._ask({"do": "click", "x": int(x), "y": int(y)})

    async def close(self) -> None:
        """Kill the server, and with it whatever is shown on it."""
        await self._driver.kill()
        await self._server.kill()

    async def _press(self, keysym: str, modifiers: list[str]) -> None:
        await self._ask({"do": "key", "keysym": keysym, "modifiers": modifiers})

    async def _ask(self, order: dict[str, Any]) -> Any:
        async with self._asking:
            await self._driver.write(json.dumps(order).encode() + b"\n")
            said = await self._answer()
        if "error" in said:
            raise ConnectionError(str(said["error"])[:300])
        return said.get("value")

    async def _answer(self) -> dict[str, Any]:
        """The next line of the driver.

        Raises:
            ConnectionError: it is gone, says nothing, or makes no sense.
        """
        try:
            async with asyncio.timeout(ANSWERING):
                line = await self._lines.get()
        except TimeoutError:
            raise ConnectionError("the display does not answer") from None
        if line is None:
            raise ConnectionError("the display is gone")
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            raise ConnectionError("the display makes no sense") from None
        return said if isinstance(said, dict) else {}  # pyright: ignore[reportUnknownVariableType]

    def _on_piece(self, stream: int, piece: bytes | None) -> None:
        if stream != frames.STDOUT:
            return
        if piece is None or len(self._arrived) > LONGEST_ANSWER:
            self._lines.put_nowait(None)
            return
        *lines, rest = (self._arrived + piece).split(b"\n")
        self._arrived = rest
        for line in lines:
            self._lines.put_nowait(bytes(line))


async def _number(server: Program) -> str:
    """The number of the display, once the server has said it among whatever else it says; "" when it does not."""
    try:
        async with asyncio.timeout(STARTING):
            while not server.over:
                for line in server.printed().split(b"\n")[:-1]:
                    if line.strip().isdigit():
                        return line.strip().decode()
                await server.news()
    except TimeoutError:
        pass
    return ""


@cache
def _files() -> Mapping[str, Path]:
    """The driver, python-xlib and what that needs: name in `FOLDER` to path on the host.

    Raises:
        SandboxUnavailable: python-xlib is not installed beside agentverse.
    """
    found = {f"{DRIVER}.py": tooling.INSIDE / f"{DRIVER}.py"}
    for name, entry in (("python-xlib", "Xlib"), ("six", "six.py")):
        try:
            found[entry] = Path(str(importlib.metadata.distribution(name).locate_file(entry)))
        except importlib.metadata.PackageNotFoundError:
            raise SandboxUnavailable(f"{name} is not installed", fix=f"pip install {name}") from None
    return found
