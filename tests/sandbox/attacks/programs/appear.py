"""Grow, shrink, delete and replace files while they are read and counted."""

import contextlib
import os

print("TRIED", flush=True)
with open("ready", "w"):
    pass
while True:
    with contextlib.suppress(OSError):
        os.makedirs("a/b", exist_ok=True)
        for name in ("a/b/f", "g", "a/h"):
            with open(name, "w") as file:
                file.write("x" * 5000)
            os.truncate(name, 3)
        os.rename("a/b", "c")
        os.unlink("c/f")
        os.rmdir("c")
        os.unlink("g")
        os.mkfifo("g")
        os.unlink("g")
