"""Talk to the host: its loopback by TCP and UDP, its unix sockets by path and by abstract name, its hypervisor."""

import contextlib
import socket
import sys

port, path, abstract = int(sys.argv[1]), sys.argv[2], sys.argv[3]
roads = [
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
    (socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", port)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", port)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("::1", port)),
    (socket.AF_UNIX, socket.SOCK_STREAM, path),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\0" + abstract),
]
for family, kind, address in roads:
    with contextlib.suppress(OSError), socket.socket(family, kind) as s:
        s.settimeout(1)
        s.connect(address)
        s.sendall(b"hello from inside")
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.connect(("192.0.2.1", 9))  # sends nothing: asks only whether there is a way out
    print("route")
for number in range(64):
    with contextlib.suppress(OSError):
        socket.socket(number, socket.SOCK_DGRAM).close()
        print("family", number)
    with contextlib.suppress(OSError):
        socket.socket(number, socket.SOCK_STREAM).close()
        print("family", number)
