"""List the host's processes, their words, files and memory maps."""

import contextlib
import glob
import json
import os
import sys

victim = json.load(sys.stdin)["victim"]
with open("loot", "ab") as loot:
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            loot.write(file.read())
for name in ("cmdline", "stat", "status", "maps", "mountinfo", "cgroup"):
    with contextlib.suppress(OSError), open(f"/proc/{victim}/{name}", "rb") as file, open("loot", "ab") as loot:
        loot.write(file.read())
with contextlib.suppress(OSError):
    print(os.listdir(f"/proc/{victim}/fd"), file=sys.stderr)
print("TRIED")
