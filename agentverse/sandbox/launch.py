"""A program of its own: runs one command under limits and sees to it that nothing the command started outlives it.

It is started with the bare interpreter (``python -I -S launch.py FD``), reads its orders as JSON from descriptor FD,
and imports nothing but the standard library. The command gets resource limits, another user where we are root,
Landlock and the system call filter; this process stays outside of them, adopts every orphan of the command's tree, and
kills what is left when the command ends or when it is told to stop.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
import time
from contextlib import suppress
from typing import Any, NoReturn

SET_PDEATHSIG, SET_KEEPCAPS, SET_NO_NEW_PRIVS, SET_CHILD_SUBREAPER, CAP_AMBIENT = 1, 8, 38, 36, 47
AMBIENT_RAISE, DAC_READ_SEARCH = 2, 2
CAPABILITY_VERSION = 0x20080522
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
SECCOMP = {"x86_64": 317, "aarch64": 277}
FILTER = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE_CHAR, MAKE_BLOCK = 64, 2048
TRUNCATE, IOCTL_DEV = 16384, 32768
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that mean something for a file; the others are about folders."""
ACCESS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
"""By version, all rights to files that Landlock can withhold; newer ones have all 16."""
FAILED = 125
"""Exit code when the command could not be confined, so was not started."""

_libc = ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """Version of Landlock in this kernel; 0 without it."""
    return max(0, int(_libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def main() -> None:
    """Read the orders, run the command, sweep up, report."""
    with open(int(sys.argv[1]), "rb") as file:
        orders: dict[str, Any] = json.load(file)
    status: int = orders["status"]
    os.set_inheritable(status, False)
    _prctl(SET_CHILD_SUBREAPER, 1)
    _prctl(SET_PDEATHSIG, signal.SIGTERM)
    waited = {signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited)
    pid = os.fork()
    if pid == 0:
        _become(orders)
    for stream in range(3):  # the command's alone: only its own tree keeps them open
        os.close(stream)
    os.write(status, json.dumps({"child-pid": pid}).encode() + b"\n")
    code = None
    while code is None:
        if signal.sigwait(waited) != signal.SIGCHLD:
            break
        code = _reap(pid)
    found = _sweep(pid)
    code = found if code is None else code
    os.write(status, json.dumps({"exit-code": code}).encode() + b"\n")


def _reap(pid: int) -> int | None:
    """Collect the dead; the command's exit code, by the shell's convention, when it is among them."""
    code = None
    while True:
        try:
            found, how = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if not found:
            return code
        if found == pid:
            ended = os.waitstatus_to_exitcode(how)
            code = ended if ended >= 0 else 128 - ended


def _sweep(pid: int) -> int | None:
    """Kill everything below us until nothing is left. Orphans become ours, so no process can hide from it."""
    code = None
    while True:
        for descendant in _descendants():
            with suppress(ProcessLookupError):
                os.kill(descendant, signal.SIGKILL)
        ended = _reap(pid)
        code = ended if code is None else code
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return code
        time.sleep(0.001)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found = [*children.get(os.getpid(), ())]
    for process in found:
        found += children.get(process, ())
    return found


def _become(orders: dict[str, Any]) -> NoReturn:
    """Give up everything the orders do not leave, and turn into the command."""
    try:
        os.setsid()
        os.umask(0o022)
        _limit(orders["rlimits"], orders["processes"], orders["user"])
        rules = _rules(orders["read"], orders["write"]) if orders["landlock"] else None
        if orders["user"] is not None:
            _drop(orders["user"], keep_reading=orders["keep_reading"])
        _prctl(SET_PDEATHSIG, signal.SIGKILL)  # not before: another user's is forgotten
        _prctl(SET_NO_NEW_PRIVS, 1)
        if rules is not None:
            _check(_libc.syscall(RESTRICT_SELF, rules, 0), "landlock_restrict_self")
            os.close(rules)
        os.chdir(orders["cwd"])
        if orders["filter"]:
            _install(base64.b64decode(orders["filter"]))
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
    except OSError as error:
        os.write(2, f"the command could not be confined: {error}\n".encode())
        os._exit(FAILED)
    _execute(orders["argv"], orders["env"])


def _execute(argv: list[str], env: dict[str, str]) -> NoReturn:
    try:
        os.execvpe(argv[0], argv, env)  # noqa: S606, words, never a shell line
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _limit(limits: dict[str, list[int]], processes: int, user: int | None) -> None:
    for name, (soft, hard) in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))
    allowed = processes if user is not None else processes + _threads_of(os.getuid()) - 1  # we are one of them
    ceiling = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    allowed = allowed if ceiling == resource.RLIM_INFINITY else min(allowed, ceiling)
    resource.setrlimit(resource.RLIMIT_NPROC, (allowed, allowed))


def _threads_of(user: int) -> int:
    """How many threads the user has: the kernel counts all of them, not the command's alone."""
    total = 0
    for name in os.listdir("/proc"):
        with suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == user:
                total += len(os.listdir(f"/proc/{name}/task"))
    return total


def _drop(user: int, *, keep_reading: bool) -> None:
    """Become a user that owns nothing; with ``keep_reading`` one that reads, where Landlock lets it, what root may."""
    if keep_reading:
        _prctl(SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if keep_reading:
        header = struct.pack("Ii", CAPABILITY_VERSION, 0)
        held = 1 << DAC_READ_SEARCH
        _check(_libc.capset(header, struct.pack("6I", held, held, held, 0, 0, 0)), "capset")
        _prctl(CAP_AMBIENT, AMBIENT_RAISE, DAC_READ_SEARCH)


def _rules(read: list[str], write: list[str]) -> int:
    """A Landlock ruleset: nothing but these paths."""
    version = landlock_version()
    everything = ACCESS.get(version, (1 << 16) - 1)
    fields = [everything] + ([3] if version >= 4 else []) + ([3] if version >= 6 else [])
    attributes = struct.pack(f"{len(fields)}Q", *fields)
    rules = _check(_libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock")
    for paths, rights in (
        (read, EXECUTE | READ_FILE | READ_DIR),
        (write, everything & ~(MAKE_CHAR | MAKE_BLOCK)),
    ):
        for path in paths:
            _allow(rules, path, rights & everything)
    return rules


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= OF_FILES
    rule = struct.pack("=Qi", rights, place)
    _check(_libc.syscall(ADD_RULE, rules, 1, rule, 0), f"landlock rule for {path}")
    os.close(place)


def _install(program: bytes) -> None:
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))

    given = Program(len(program) // 8, program)
    _check(_libc.syscall(SECCOMP[os.uname().machine], FILTER, 0, ctypes.byref(given)), "seccomp")


def _prctl(option: int, value: int, more: int = 0) -> None:
    _check(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), 0, 0), f"prctl {option}")


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


if __name__ == "__main__":
    main()
