"""Leave children in sessions of their own, with our streams open and without, until somebody kills who watches."""

import os
import sys
import time

for keeps in (True, False):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        if not keeps:
            for fd in range(3):
                os.close(fd)
        os.execvp("sh", ["sh", "-c", "while :; do sleep 1; done", sys.argv[1]])
    os.wait()
print("TRIED", flush=True)
with open("ready", "w"):
    pass
time.sleep(600)
