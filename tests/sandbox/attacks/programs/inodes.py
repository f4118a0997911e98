"""Make empty files without end: they have no size and still take room. (A million, where nothing stops it sooner.)"""

import contextlib
import os

print("TRIED", flush=True)
made = 0
with contextlib.suppress(OSError):
    for folder in range(100):
        os.mkdir(f"i{folder}")
        here = os.open(f"i{folder}", os.O_RDONLY)
        for number in range(10_000):
            os.mknod(f"{number:x}", 0o600, dir_fd=here)
            made += 1
        os.close(here)
        if made >= 100_000:
            print("THROUGH", made, "files")
            break
