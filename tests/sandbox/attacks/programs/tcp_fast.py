"""The same without connect: data in the first packet, and an unconnected socket told where to send."""

import contextlib
import json
import socket
import sys

port = json.load(sys.stdin)["port"]
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.settimeout(1)
    s.sendto(b"fast", 0x20000000, ("127.0.0.1", port))
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as s:
    s.settimeout(1)
    s.connect(("127.0.0.1", port))
    s.sendall(b"mptcp")
print("TRIED")
