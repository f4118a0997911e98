"""Make new namespaces, in which more of the kernel can be reached."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
machine = os.uname().machine
clone = 56 if machine == "x86_64" else 220
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x80):
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(flag) == 0 else 1)
    if os.waitpid(child, 0)[1] == 0:
        print(f"THROUGH unshare {flag:#x}")
for flag in (0x10000000, 0x10020000):
    child = libc.syscall(clone, flag | 17, None, None, None, None)
    if child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
        print(f"THROUGH clone {flag:#x}")
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
child = libc.syscall(435, ctypes.byref(arguments), 88)
if child == 0:
    os._exit(0)
if child > 0:
    os.waitpid(child, 0)
    print("THROUGH clone3")
for pid in (1, os.getppid()):
    for name in ("user", "mnt", "net", "pid"):
        try:
            place = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        if libc.setns(place, 0) == 0:
            print("THROUGH setns", name)
print("TRIED")
