"""Fill the disk with files each of which is small enough."""

import contextlib

print("TRIED", flush=True)
with contextlib.suppress(OSError):
    for number in range(48):
        with open(f"part{number}", "wb", buffering=0) as file:
            file.write(bytes(1 << 20))
