"""Become a program with more arguments and a larger environment than anyone reads."""

import contextlib
import os
import sys

print("TRIED", flush=True)
with contextlib.suppress(OSError):
    os.execvpe(
        "sh",
        ["sh", "-c", "exit 7", sys.argv[1], *["x" * 100_000] * 10],
        {f"V{number}": "y" * 1000 for number in range(500)} | {"PATH": os.environ["PATH"]},
    )
