"""Run from a file that is deleted, under another name, in the background."""

import os
import shutil
import sys

shutil.copyfile("/bin/sh", "worker")
os.chmod("worker", 0o755)
print("TRIED", flush=True)
if os.fork() == 0:
    os.setsid()
    os.execv("worker", ["kworker/0:1", "-c", "rm worker; while :; do sleep 1; done", sys.argv[1]])
while os.path.exists("worker"):
    pass
