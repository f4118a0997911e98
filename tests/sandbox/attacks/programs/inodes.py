"""Make empty files by the ten thousand: they have no size and still take room."""

import contextlib
import os

print("TRIED", flush=True)
made = 0
with contextlib.suppress(OSError):
    for folder in range(4):
        os.mkdir(f"i{folder}")
        here = os.open(f"i{folder}", os.O_RDONLY)
        for number in range(5_500):
            os.mknod(f"{number:x}", 0o600, dir_fd=here)
            made += 1
        os.close(here)
if made >= 22_000:
    print("THROUGH", made, "files")
