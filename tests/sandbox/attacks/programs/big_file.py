"""Write one file without end."""

import contextlib
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print("TRIED", flush=True)
for folder in (".", "/tmp"):
    with contextlib.suppress(OSError), open(f"{folder}/big", "wb", buffering=0) as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
