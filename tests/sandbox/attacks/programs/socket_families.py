"""Ask for sockets that no namespace holds: to the hypervisor, raw, of the kernel's own ciphers."""

import contextlib
import socket

WANTED = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}
for number in range(64):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        if number not in WANTED:
            with contextlib.suppress(OSError):
                socket.socket(number, kind).close()
                print("THROUGH family", number)
for family, protocol in ((socket.AF_INET, 1), (socket.AF_INET, 255), (socket.AF_INET6, 58)):
    with contextlib.suppress(OSError):
        socket.socket(family, socket.SOCK_RAW, protocol).close()
        print("THROUGH a raw socket")
print("TRIED")
