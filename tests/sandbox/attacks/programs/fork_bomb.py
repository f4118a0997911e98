"""Multiply until the system says no; write down how far that went."""

import os
import sys
import time

print("TRIED", flush=True)
made = 0
for _ in range(600):
    try:
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
        made += 1
    except OSError:
        break
with open("made", "w") as file:
    file.write(str(made))
sys.stdout.flush()
os._exit(1)
