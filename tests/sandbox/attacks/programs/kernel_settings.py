"""Write settings of the kernel that act outside: what runs on a crash, what loads modules, keys of the console."""

import contextlib
import os

SETTINGS = (
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
    "/proc/sys/vm/overcommit_memory", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/fs/binfmt_misc/register",
    "/proc/sys/user/max_user_namespaces", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/mm/ksm/run",
    "/sys/module/printk/parameters/time",
)  # fmt: skip
for path in SETTINGS:
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))  # opened, never written: this may be somebody's machine
        print("THROUGH", path)
print("TRIED")
