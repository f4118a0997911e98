"""Put a link to the host's secret where the report is to be, then a folder, then a pipe."""

import contextlib
import json
import os
import sys

secret = json.load(sys.stdin)["secrets"][0]
path = os.environ["AGENTVERSE_REPORT"]
print("TRIED", flush=True)
with contextlib.suppress(OSError):
    os.link(secret, path)
with contextlib.suppress(OSError):
    os.symlink(secret, path)
with contextlib.suppress(OSError):
    os.rename(os.path.dirname(path), os.path.dirname(path) + "-moved")
