"""Ignore every polite signal and hide a child in a session of its own, twice removed."""

import os
import signal
import sys
import time

for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        for fd in range(3):
            os.close(fd)
        os.execvp("python", ["python", "-c", "import time; time.sleep(60)", sys.argv[1]])
    os._exit(0)
with open("started", "w"):
    pass
if sys.argv[2] == "stay":
    time.sleep(60)
