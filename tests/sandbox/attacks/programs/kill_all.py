"""Kill everything that can be killed, the supervisor first."""

import contextlib
import os
import signal

print("TRIED", flush=True)
for number in (signal.SIGTERM, signal.SIGKILL):
    for pid in (os.getppid(), 1, -1):
        with contextlib.suppress(OSError):
            os.kill(pid, number)
