"""Kill a process of the host by its number, its group, and everything that may be killed."""

import contextlib
import json
import os
import signal
import sys

victim = json.load(sys.stdin)["victim"]
for pid in (victim, -victim):
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
with contextlib.suppress(OSError):
    signal.pidfd_send_signal(os.pidfd_open(victim), signal.SIGKILL)
print("TRIED")
