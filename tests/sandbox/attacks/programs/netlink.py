"""Change the network from inside: a new interface, an address, packet filters."""

import contextlib
import socket
import struct


def ask(protocol: int, kind: int, body: bytes) -> int:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as s:
        s.settimeout(1)
        s.send(struct.pack("=IHHII", 16 + len(body), kind, 0x605, 1, 0) + body)
        answer = s.recv(4096)
    return struct.unpack_from("=i", answer, 16)[0] if struct.unpack_from("=H", answer, 4)[0] == 2 else 1


with contextlib.suppress(OSError):
    name = struct.pack("=HH", 10, 3) + b"dummy\0\0\0"
    info = struct.pack("=HH", 16, 18) + struct.pack("=HH", 10, 1) + b"dummy\0\0\0"
    if ask(0, 16, struct.pack("=BxHiII", 0, 0, 0, 0, 0) + name + info) == 0:
        print("THROUGH an interface")
with contextlib.suppress(OSError):
    address = struct.pack("=HH", 8, 2) + socket.inet_aton("10.9.8.7")
    if ask(0, 20, struct.pack("=BBBBI", 2, 24, 0, 0, 1) + address) == 0:
        print("THROUGH an address")
for protocol in (12, 9, 15, 6):
    with contextlib.suppress(OSError):
        if ask(protocol, 16, bytes(4)) == 0:
            print("THROUGH protocol", protocol)
print("TRIED")
