"""Reach an abstract unix socket of the host, by stream and by datagram."""

import contextlib
import json
import socket
import sys

name = json.load(sys.stdin)["abstract"]
with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
    s.connect("\0" + name)
    s.sendall(b"abstract")
with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.sendto(b"abstract", "\0" + name + "d")
print("TRIED")
