"""Become somebody, and get capabilities: setuid, capset, no_new_privs, the programs of the system that are setuid."""

import contextlib
import ctypes
import os
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
if os.getuid() != 0:
    for change in (
        lambda: os.setuid(0),
        lambda: os.setgid(0),
        lambda: os.setgroups([0]),
        lambda: os.setresuid(0, 0, 0),
    ):
        with contextlib.suppress(OSError):
            change()
            print("THROUGH another user")
elif libc.prctl(23, 21, 0, 0, 0) == 1:
    print("THROUGH root with every right")
if libc.prctl(39, 0, 0, 0, 0) != 1:
    print("THROUGH setuid programs still count")
header, wanted = b"\x22\x05\x08\x20\0\0\0\0", b"\xff" * 24
if libc.capset(header, wanted) == 0:
    print("THROUGH capabilities")
for words in (["su", "-c", "id -u"], ["sudo", "-n", "id", "-u"], ["pkexec", "id", "-u"], ["newgrp", "-", "root"]):
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(words, capture_output=True, timeout=2, stdin=subprocess.DEVNULL)
        if done.stdout.strip() == b"0":
            print("THROUGH", words[0])
print("TRIED")
