"""Nest folders so deep that whoever walks or deletes them gives up."""

import contextlib
import os

made = 0
with contextlib.suppress(OSError):
    for _ in range(1500):
        os.mkdir("ddd")
        os.chdir("ddd")
        made += 1
with open("file", "w") as file:
    file.write("deep down")
print("TRIED", made)
