"""Trace a process of the host, read its memory, take its descriptors."""

import ctypes
import json
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
victim = json.load(sys.stdin)["victim"]
for request in (16, 0x4206):
    if libc.ptrace(request, victim, None, None) == 0:
        print("THROUGH ptrace", request)
        libc.ptrace(17, victim, None, None)
for mode in (os.O_RDONLY, os.O_RDWR):
    try:
        os.open(f"/proc/{victim}/mem", mode)
        print("THROUGH memory opened")
    except OSError:
        pass
try:
    if libc.syscall(438, os.pidfd_open(victim), 0, 0) >= 0:
        print("THROUGH descriptor taken")
except OSError:
    pass
print("TRIED")
