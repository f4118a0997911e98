"""Leave pipes, sockets and a file with a hole of a terabyte, to hang or to fill whoever reads them."""

import contextlib
import os
import socket

os.mkfifo("pipe")
os.mkfifo("test_pipe.py")
with contextlib.suppress(OSError):
    socket.socket(socket.AF_UNIX).bind("socket")
with contextlib.suppress(OSError):
    os.truncate(os.open("hole", os.O_CREAT | os.O_WRONLY), 1 << 40)
os.symlink("loop", "loop")
print("TRIED")
