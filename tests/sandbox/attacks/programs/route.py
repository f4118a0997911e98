"""Look for a way out. A connected datagram socket sends nothing: it asks only whether there is a road."""

import contextlib
import socket

for family, address in (
    (socket.AF_INET, "192.0.2.1"), (socket.AF_INET, "10.0.0.1"), (socket.AF_INET, "169.254.169.254"),
    (socket.AF_INET, "224.0.0.1"), (socket.AF_INET6, "2001:db8::1"),
):  # fmt: skip
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as s:
        s.connect((address, 9))
        print("THROUGH a road to", address)
with contextlib.suppress(OSError):
    others = [name for _, name in socket.if_nameindex() if name not in ("lo", "sit0", "tunl0", "ip6tnl0", "gre0")]
    if others:
        print("THROUGH interfaces", *others)
print("TRIED")
