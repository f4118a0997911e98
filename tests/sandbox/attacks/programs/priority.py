"""Get in front of everybody: real time, a higher priority, locked memory."""

import contextlib
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
with contextlib.suppress(OSError):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("THROUGH real time")
with contextlib.suppress(OSError):
    os.nice(-5)
    print("THROUGH nice")
if libc.ioprio_set(1, 0, 1 << 13) == 0 if hasattr(libc, "ioprio_set") else False:
    print("THROUGH real time of the disk")
print("TRIED")
