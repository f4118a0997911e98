"""Leave hundreds of dead children for somebody else to bury."""

import ctypes
import os
import sys

ctypes.CDLL(None).prctl(15, sys.argv[1].encode()[:15], 0, 0, 0)
print("TRIED", flush=True)
for _ in range(120):
    try:
        child = os.fork()
        if child == 0:
            for _ in range(3):
                if os.fork() == 0:
                    os._exit(0)
            os._exit(0)
        os.waitpid(child, 0)
    except OSError:
        pass
