"""Call the hypervisor, whose sockets are in no namespace."""

import contextlib
import socket

with contextlib.suppress(OSError):
    s = socket.socket(40, socket.SOCK_STREAM)
    print("THROUGH a socket")
with contextlib.suppress(OSError):
    s = socket.socket(40, socket.SOCK_DGRAM)
    print("THROUGH a datagram socket")
print("TRIED")
