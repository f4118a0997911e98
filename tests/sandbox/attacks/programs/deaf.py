"""Ignore every signal that can be ignored, with a child in another session that does the same."""

import os
import signal
import sys
import time

for number in range(1, signal.NSIG):
    if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, 32, 33):
        signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    os.execvp("sh", ["sh", "-c", "while :; do sleep 1; done", sys.argv[1]])
print("TRIED", flush=True)
time.sleep(600)
