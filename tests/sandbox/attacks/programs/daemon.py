"""Leave a child behind, twice removed, in a session of its own."""

import os
import sys

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        os.execvp("sh", ["sh", "-c", "while :; do sleep 1; done", sys.argv[1]])
    os._exit(0)
print("TRIED")
