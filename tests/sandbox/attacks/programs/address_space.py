"""Switch off what makes holes hard to use, and map the first page."""

import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
if libc.personality(0x0040000) != -1:
    print("THROUGH personality")
place = libc.mmap(ctypes.c_void_p(0), 4096, 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x10, -1, 0)
if place is None or place == 0:
    print("THROUGH the first page")
print("TRIED")
