"""End at once, but leave the pipes open in a child: who waits for their end waits for ever."""

import os
import sys

print("TRIED", flush=True)
if os.fork() == 0:
    os.setsid()
    os.execvp("sh", ["sh", "-c", "while :; do sleep 1; done", sys.argv[1]])
os._exit(0)
