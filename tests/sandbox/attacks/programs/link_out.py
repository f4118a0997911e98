"""Leave links to the host's secrets, symbolic, hard and in a chain, for the host to follow."""

import contextlib
import json
import os
import sys

secret = json.load(sys.stdin)["secrets"][0]
os.symlink(secret, "link")
os.symlink(os.path.dirname(secret), "folder")
os.symlink("link", "chain")
os.symlink("/proc/self/environ", "environ")
os.symlink("/", "root")
with contextlib.suppress(OSError):
    os.link(secret, "hard")
with contextlib.suppress(OSError):
    os.link("link", "hard_link_of_link", follow_symlinks=True)
with open("honest.py", "w") as file:
    file.write("fine = True\n")
print("TRIED")
