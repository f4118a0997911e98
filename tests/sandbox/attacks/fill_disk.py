"""Fill the disk with many small files, and the temporary folders with large ones."""

import contextlib

for folder in ("/tmp", "/dev/shm", "/run", "/home/user", "/dev", "/"):
    with contextlib.suppress(OSError), open(f"{folder}/big", "wb") as file:
        for _ in range(400):
            file.write(bytes(1 << 20))
for number in range(4000):
    with open(f"small{number}", "wb") as file:
        file.write(bytes(100_000))
