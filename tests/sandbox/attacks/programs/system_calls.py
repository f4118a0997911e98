"""Change the machine: its clock, its name, its modules, its swap; restart it."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
CALLS = {
    "settimeofday": (164, 170), "sethostname": (170, 161), "setdomainname": (171, 162), "swapon": (167, 224),
    "swapoff": (168, 225), "init_module": (175, 105), "delete_module": (176, 106), "finit_module": (313, 273),
    "acct": (163, 89), "syslog": (103, 116), "kexec_load": (246, 104), "adjtimex": (159, 171), "vhangup": (153, 58),
}  # fmt: skip
# Arguments that do nothing where the call is allowed: it would answer "no such address" or "not valid".
for name, numbers in CALLS.items():
    ctypes.set_errno(0)
    answer = libc.syscall(numbers[0 if x86 else 1], -1 if name != "syslog" else 10, -1, -1, -1)
    if answer >= 0 or ctypes.get_errno() != 1:
        print("THROUGH", name, "answers", answer, os.strerror(ctypes.get_errno()))
if libc.syscall(169 if x86 else 142, 0, 0, 0, 0) == 0 or ctypes.get_errno() != 1:
    print("THROUGH reboot answers")
print("TRIED")
