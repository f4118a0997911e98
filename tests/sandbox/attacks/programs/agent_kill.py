"""Kill the program that started us, or stop it, so that it can never say that we ended."""

import contextlib
import os
import signal
import sys
import time

with open("tried", "w"):  # a word to the host would be carried by whom we kill
    pass
with contextlib.suppress(OSError):
    os.kill(os.getppid(), signal.SIGSTOP if sys.argv[2] == "stop" else signal.SIGKILL)
time.sleep(600)
