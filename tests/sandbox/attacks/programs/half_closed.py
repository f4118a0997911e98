"""Close the ends of pipes one by one, so that whoever writes or reads the other is left waiting."""

import os
import sys
import time

print("TRIED", flush=True)
os.close(0)
os.close(1)
if os.fork() == 0:
    os.setsid()
    os.execvp("sh", ["sh", "-c", "while :; do sleep 1; done", sys.argv[1]])
os.close(2)
time.sleep(600)
