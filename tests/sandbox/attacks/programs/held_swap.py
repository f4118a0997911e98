"""Exchange a folder in which a file is held for a link to the host's folder with a file of the same name."""

import ctypes
import json
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
os.symlink("/oldroot" + json.load(sys.stdin)["folder"], "away")  # where bwrap has the host while it mounts
print("TRIED", flush=True)
with open("ready", "w"):
    pass
while True:
    libc.renameat2(-100, b"kept", -100, b"away", 2)
