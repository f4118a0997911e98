"""Change a file that is to be read only: write, replace, delete, move the folder it is in, make it writable."""

import contextlib
import os

path = "kept/held.txt"


def write() -> None:
    with open(path, "w") as file:
        file.write("changed")


def replace() -> None:
    with open("kept/other", "w") as file:
        file.write("changed")
    os.rename("kept/other", path)


def move_folder() -> None:
    os.rename("kept", "moved")
    os.mkdir("kept")
    write()


for attempt in (write, replace, lambda: os.chmod(path, 0o666), write, lambda: os.unlink(path), write, move_folder):
    with contextlib.suppress(OSError):
        attempt()
print("TRIED")
