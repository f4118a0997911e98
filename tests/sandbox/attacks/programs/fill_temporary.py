"""Fill every other folder that can be written, the temporary ones first."""

import contextlib
import os

print("TRIED", flush=True)
total = 0
folders = [os.environ["TMPDIR"], "/tmp", "/var/tmp", os.environ["HOME"], "/run", "/dev", "/", "/dev/mqueue"]
for folder in {os.path.realpath(each) for each in folders}:
    with contextlib.suppress(OSError):
        for number in range(48):
            with open(f"{folder}/part{number}", "wb", buffering=0) as file:
                total += file.write(bytes(1 << 20))
if total > 32 << 20:
    print("THROUGH", total >> 20, "MiB in temporary folders")
