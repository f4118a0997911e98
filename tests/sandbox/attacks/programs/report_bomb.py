"""Report more than anyone can read, as fast as it goes."""

import contextlib
import os

print("TRIED", flush=True)
with contextlib.suppress(OSError, KeyError), open(os.environ["AGENTVERSE_REPORT"], "wb", buffering=0) as file:
    for _ in range(64):
        file.write(b'{"event": "start", "id": "x"}\n' * 40_000)
