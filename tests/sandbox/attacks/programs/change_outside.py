"""Change a file of the host without opening it for writing: by mode, time, attribute, name, length or removal."""

import contextlib
import json
import os
import sys

path = json.load(sys.stdin)["victim_file"]
for change in (
    lambda: os.chmod(path, 0o600),
    lambda: os.utime(path, (1, 1)),
    lambda: os.setxattr(path, "user.planted", b"x"),
    lambda: os.truncate(path, 0),
    lambda: os.rename(path, path + ".moved"),
    lambda: os.unlink(path),
    lambda: os.mkdir(os.path.join(os.path.dirname(path), "made")),
):
    with contextlib.suppress(OSError):
        change()
print("TRIED")
