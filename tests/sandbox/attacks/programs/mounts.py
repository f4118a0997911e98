"""Mount, move, uncover: by the old calls and by the new."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("m")
for kind in (b"tmpfs", b"proc", b"sysfs", b"cgroup2", b"fuse", b"overlay"):
    if libc.mount(b"none", b"m", kind, 0, None) == 0:
        print("THROUGH mount", kind)
for flags in (0x1000, 0x20 | 0x1000, 1 << 18, 0x20):
    if libc.mount(b"/", b"m", None, flags, None) == 0:
        print("THROUGH mount with", flags)
for path in (b"/etc", b"/opt/agentverse", b"/proc", b"/dev", b"/tmp", b"/work", b"/usr"):
    if libc.umount2(path, 2) == 0:
        print("THROUGH umount", path)
if libc.syscall(430, b"tmpfs", 0) >= 0:
    print("THROUGH fsopen")
if libc.syscall(428, -100, b"/", 1) >= 0:
    print("THROUGH open_tree")
if libc.syscall(442, -100, b"/", 0x8000, bytes(32), 32) == 0:
    print("THROUGH mount_setattr")
if libc.syscall(155 if os.uname().machine == "x86_64" else 41, b".", b"m") == 0:
    print("THROUGH pivot_root")
try:
    os.chroot("m")
    print("THROUGH chroot")
except OSError:
    pass
print("TRIED")
