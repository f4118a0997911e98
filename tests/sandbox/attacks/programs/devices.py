"""Make device files, and open the ones that are there."""

import contextlib
import os
import stat

for kind, major, minor in ((stat.S_IFBLK, 254, 0), (stat.S_IFBLK, 8, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 10, 200)):
    with contextlib.suppress(OSError):
        os.mknod(f"device-{major}-{minor}", 0o666 | kind, os.makedev(major, minor))
        print("THROUGH mknod", major, minor)
HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "stdin", "stdout", "stderr", "fd", "console"}
NAMES = ("mem", "kmem", "port", "kvm", "fuse", "vsock", "vhost-vsock", "vhost-net", "net/tun", "sda", "vda", "loop0",
         "loop-control", "kmsg", "sg0", "nvme0", "input/event0", "uinput", "dri/card0", "nvidia0", "snapshot",
         "btrfs-control")  # fmt: skip
seen = set(NAMES)
with contextlib.suppress(OSError):
    seen |= set(os.listdir("/dev"))
for name in sorted(seen - HARMLESS):
    path = f"/dev/{name}"
    with contextlib.suppress(OSError):
        if not stat.S_ISDIR(os.stat(path).st_mode) and not os.path.realpath(path).startswith("/dev/pts/"):
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            print("THROUGH opened", path)
print("TRIED")
