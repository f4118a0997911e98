"""The same with threads, which are processes to the kernel."""

import os
import threading
import time

print("TRIED", flush=True)
made = 0
threading.stack_size(65536)
for _ in range(600):
    try:
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        made += 1
    except (RuntimeError, MemoryError):
        break
with open("made", "w") as file:
    file.write(str(made))
os._exit(1)
