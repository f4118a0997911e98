"""Multiply until the system says no; say how far that went."""

import os
import time

made = 0
for _ in range(2000):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
    except OSError:
        break
with open("made", "w") as file:
    file.write(str(made))
os._exit(1)
