"""Pulls the GGUF of MiniCPM5-2B and prints how many bytes there are, each time there are more, and how it ends.

With a number as its argument it fills the disk, but for so many bytes, when the first bytes have come.
"""

import os
import sys
from pathlib import Path

from agentverse.errors import PullFailed
from agentverse.models.catalogue import download, find, pull


def fill(room):
    filler = Path(os.environ["HF_HOME"]) / "filler"
    disk = os.statvfs(filler.parent)
    filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize - room))


def tell(progress):
    if progress.done and rooms:
        fill(rooms.pop())
    print(progress.done, flush=True)


rooms = [int(argument) for argument in sys.argv[1:]]
if rooms:
    download.SPARE = 0
try:
    print(pull(find("MiniCPM5-2B"), "gguf", progress=tell))
except PullFailed as error:
    print(f"{error.code}: {error}")
