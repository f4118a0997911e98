"""Leave a file wherever the host might find it."""

import contextlib
import os
import sys

for folder in sys.argv[1:]:
    for road in (folder, f"/proc/1/root{folder}", f"../..{folder}"):
        with contextlib.suppress(OSError):
            os.makedirs(road, exist_ok=True)
            with open(os.path.join(road, "planted"), "w") as file:
                file.write("planted")
