"""Keyboard, mouse and eyes on an X display, told what to do in lines of JSON on stdin; it answers in lines on stdout.

It runs in the box with the program it looks at, so that program can lie to it: draw what it likes, or kill it. The host
takes what is said here as a picture of what the program shows, and as nothing more.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
import time
import zlib
from typing import Any

from Xlib import XK, X, display, error
from Xlib.ext import xtest

HOLD = 0.04
"""Seconds that a key is down, and between two: toolkits swallow what comes faster."""


class Screen:
    """One connection to the display."""

    def __init__(self) -> None:
        self.display = display.Display()
        self.root = self.display.screen().root
        self.display.set_error_handler(overlook)

    def windows(self) -> list[dict[str, Any]]:
        """Top windows that are shown, the one on top last."""
        found: list[dict[str, Any]] = []
        for window in self.root.query_tree().children:
            try:
                if window.get_attributes().map_state != X.IsViewable:
                    continue
                place = window.get_geometry()
                if place.width > 1 and place.height > 1:
                    area = [place.x, place.y, place.x + place.width, place.y + place.height]
                    found.append({"title": title(window), "id": window.id, "area": area})
            except error.XError:
                continue
        return found

    def focus(self) -> None:
        """Without a window manager nobody else gives a window the keyboard."""
        shown = self.windows()
        if shown:
            window = self.display.create_resource_object("window", shown[-1]["id"])
            window.set_input_focus(X.RevertToParent, X.CurrentTime)
            self.display.sync()

    def press(self, keysym: str, modifiers: list[str]) -> bool:
        codes = [self.code(name) for name in modifiers]
        code, shifted = self.find(keysym)
        if code == 0:
            return False
        held = [*codes, *([self.code("Shift_L")] if shifted else [])]
        self.focus()
        for each in held:
            xtest.fake_input(self.display, X.KeyPress, each)
        xtest.fake_input(self.display, X.KeyPress, code)
        self.display.sync()
        time.sleep(HOLD)
        xtest.fake_input(self.display, X.KeyRelease, code)
        for each in reversed(held):
            xtest.fake_input(self.display, X.KeyRelease, each)
        self.display.sync()
        time.sleep(HOLD)
        return True

    def code(self, name: str) -> int:
        return self.display.keysym_to_keycode(XK.string_to_keysym(name))

    def find(self, keysym: str) -> tuple[int, bool]:
        """The key that writes this, and whether Shift must be held."""
        symbol = XK.string_to_keysym(keysym)
        if symbol == 0 and keysym.startswith("U"):
            symbol = 0x1000000 | int(keysym[1:], 16)
        places = list(self.display.keysym_to_keycodes(symbol))
        if not places:
            return self.lend(symbol), False
        code, index = min(places, key=lambda place: place[1])
        return code, index == 1

    def lend(self, symbol: int) -> int:
        """Give a key that nobody uses this meaning, for what is on no key of this keyboard."""
        first = self.display.display.info.min_keycode
        last = self.display.display.info.max_keycode
        for code, row in enumerate(self.display.get_keyboard_mapping(first, last - first + 1), first):
            if not any(row):
                self.display.change_keyboard_mapping(code, [(symbol, symbol)])
                self.display.sync()
                time.sleep(HOLD)
                return code
        return 0

    def click(self, x: int, y: int) -> None:
        xtest.fake_input(self.display, X.MotionNotify, x=x, y=y)
        self.display.sync()
        time.sleep(HOLD)
        self.focus()
        for kind in (X.ButtonPress, X.ButtonRelease):
            xtest.fake_input(self.display, kind, 1)
            self.display.sync()
            time.sleep(HOLD)

    def picture(self) -> bytes:
        place = self.root.get_geometry()
        image = self.root.get_image(0, 0, place.width, place.height, X.ZPixmap, 0xFFFFFFFF)
        return png(place.width, place.height, image.data)


def overlook(*said: object) -> None:
    """Windows come and go while they are looked at."""


def title(window: Any) -> str:
    name = own_title(window)
    for child in window.query_tree().children if not name else ():
        name = name or own_title(child)
    return name[:200]


def own_title(window: Any) -> str:
    """The property for it that knows every writing, or the old one."""
    return str(window.get_full_text_property(window.display.get_atom("_NET_WM_NAME")) or window.get_wm_name() or "")


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG of pixels in the order blue, green, red, unused."""
    row = bytearray(width * 3 + 1)
    rows = bytearray()
    for start in range(0, width * height * 4, width * 4):
        line = pixels[start : start + width * 4]
        row[1::3], row[2::3], row[3::3] = line[2::4], line[1::4], line[0::4]
        rows += row

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 1))
        + chunk(b"IEND", b"")
    )


def obey(screen: Screen, order: dict[str, Any]) -> object:
    match order["do"]:
        case "windows":
            return [window["title"] for window in screen.windows()]
        case "area":
            return [window["area"] for window in screen.windows()][-1:]
        case "key":
            return screen.press(order["keysym"], order["modifiers"])
        case "click":
            screen.click(order["x"], order["y"])
            return True
        case "picture":
            return base64.b64encode(screen.picture()).decode()
        case _:
            raise ValueError("there is no such order")


def say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    screen = Screen()
    say({"ready": True})
    for line in sys.stdin:
        try:
            said = {"value": obey(screen, json.loads(line))}
        except (error.XError, OSError, ValueError) as problem:
            said = {"error": f"{type(problem).__name__}: {problem}"}
        say(said)


if __name__ == "__main__":
    main()
