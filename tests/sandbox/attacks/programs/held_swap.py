"""Exchange a folder in which a file is held for a link to the host's folder with a file of the same name."""

import ctypes
import json
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
os.symlink(json.load(sys.stdin)["folder"], "away")
with open("ready", "w"):
    pass
while True:
    libc.renameat2(-100, b"kept", -100, b"away", 2)
