"""Report what breaks who reads it: deep nesting, numbers without end, a compressed bomb, bytes that are no text."""

import gzip
import os

print("TRIED", flush=True)
with open(os.environ["AGENTVERSE_REPORT"], "wb") as file:
    file.write(b'{"event": ' + b"[" * 200_000 + b"\n")
    file.write(b'{"event": "finish", "exit": ' + b"9" * 200_000 + b"}\n")
    file.write(b'{"event": "phase", "id": "t", "seconds": 1e999, "when": "call", "outcome": "passed"}\n')
    file.write(b'{"event": "start", "id": "\\ud800\\u0000\\u001b[2J"}\n' + b"\xff\xfe\n")
    file.write(gzip.compress(bytes(50 << 20)))
