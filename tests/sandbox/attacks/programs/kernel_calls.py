"""Reach the parts of the kernel in which holes are found: bpf, perf, io_uring, keys, page faults, handles."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
CALLS = {
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262), "kcmp": (312, 272), "memfd_secret": (447, 447), "quotactl": (179, 60),
    "process_vm_readv": (310, 270), "pidfd_getfd": (438, 438), "move_pages": (279, 239), "mbind": (237, 235),
}  # fmt: skip
EPERM, ENOSYS, EACCES = 1, 38, 13
for name, numbers in CALLS.items():
    ctypes.set_errno(0)
    answer = libc.syscall(numbers[0 if x86 else 1], 0, 0, 0, 0, 0, 0)
    if answer >= 0 or ctypes.get_errno() not in (EPERM, ENOSYS, EACCES):
        print("THROUGH", name, "answers", answer, os.strerror(ctypes.get_errno()))
print("TRIED")
