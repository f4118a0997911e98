"""Take the place of the program that takes our pictures, and give pictures that expand, break off, or are none."""

import base64
import contextlib
import json
import os
import signal
import struct
import sys
import time
import zlib

sys.path.insert(0, "/opt/agentverse-window")
from Xlib import display


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def picture(width: int, height: int, *more: bytes, pixels: int = 1 << 16) -> str:
    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(pixels))
    made = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return base64.b64encode(made).decode()


LIES = [
    picture(60000, 60000),
    picture(5000, 5000),
    picture(800, 600),
    picture(800, 600, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2 << 20)))),
    picture(800, 600, chunk(b"IHDR", b"short")),
    picture(0, 0),
    base64.b64encode(b"nothing").decode(),
    "!",
    base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\xff" * 40).decode(),
]
screen = display.Display()
window = screen.screen().root.create_window(0, 0, 300, 200, 1, screen.screen().root_depth, background_pixel=0x336699)
window.map()
screen.sync()
print("TRIED", flush=True)
lie = {"value": LIES[int(sys.argv[2]) % len(LIES)]}
for pid in filter(str.isdigit, os.listdir("/proc")):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as words:
        if b"agentverse_window" in words.read():
            road = os.open(f"/proc/{pid}/fd/1", os.O_WRONLY)
            os.kill(int(pid), signal.SIGKILL)
            for said in ({"value": ["a window"]}, lie, {"value": [[0, 0, 300, 200]]}, *[lie] * 50):
                os.write(road, json.dumps(said).encode() + b"\n")
time.sleep(600)
