"""Go round the filter by the doors of other machines: 32-bit calls and x32 numbers."""

import ctypes
import mmap
import os

print("TRIED", flush=True)
if os.uname().machine == "x86_64":
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (0x40000000 + 101, 0x40000000 + 272, 0x40000000 + 521):
        ctypes.set_errno(0)
        if libc.syscall(number, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in (1, 38):
            print("THROUGH x32", number, flush=True)
    code = bytes.fromhex("53 31db 31c9 31d2 b814000000 cd80 5b c3".replace(" ", ""))  # getpid as i386 has it
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    answer = call()
    if answer > 0:
        print("THROUGH i386", answer, flush=True)
