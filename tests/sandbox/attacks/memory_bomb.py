"""Share the memory hunger among many processes, so that no one of them is large."""

import os
import time

for number in range(8):
    if os.fork() == 0:
        held = b"x" * (60 << 20)
        with open(f"held{number}", "w") as file:
            file.write(str(len(held)))
        time.sleep(2)
        os._exit(0)
ended = [os.wait()[1] for _ in range(8)]
raise SystemExit(any(ended))
