"""Put everything into the workspace that would lead a careless host outside, hang it, or be run by it later."""

import contextlib
import os
import sys

secret = sys.argv[1]
os.symlink(secret, "link")
os.symlink(os.path.dirname(secret), "folder")
os.symlink("/proc/self/environ", "environ")
os.symlink("link", "chain")
os.mkfifo("pipe")
for path in (".git/hooks/pre-commit", ".git/config", "x/.git/config", "__pycache__/a.pyc", "b.pyc", "evil.pth"):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as file:
        file.write("planted")
with contextlib.suppress(OSError):
    os.link(secret, "hard")
with open("honest.py", "w") as file:
    file.write("fine = True\n")
