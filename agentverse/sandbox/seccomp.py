"""The system call filter of the box, assembled here: no libseccomp, no compiler.

A namespace keeps files and the network away; the filter keeps most of the kernel away. What it denies is what ordinary
programs never ask for: tracing, mounting, new user namespaces, kernel modules, other socket families, pushing
characters into a terminal.
"""

from __future__ import annotations

import errno
import json
import platform
import struct
from typing import NamedTuple

from agentverse.errors import SandboxUnavailable

ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
X32_BIT = 0x40000000

NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Offsets into the kernel's ``struct seccomp_data``; an argument takes eight bytes, its low word first."""


class Machine(NamedTuple):
    """One architecture: its audit number and its column in ``CALLS``."""

    audit: int
    column: int


MACHINES = {"x86_64": Machine(0xC000003E, 0), "aarch64": Machine(0xC00000B7, 1)}

CALLS: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mbind": (237, 235),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "set_mempolicy": (238, 237),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "sysfs": (139, None),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "ustat": (136, None),
    "vhangup": (153, 58),
}
"""Number on x86_64 and on aarch64; None where the architecture has no such call."""

ALONE: dict[str, tuple[int | None, int | None]] = {
    "chown": (92, None),
    "connect": (42, 203),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "fremovexattr": (199, 16),
    "fsetxattr": (190, 7),
    "ioprio_set": (251, 30),
    "lchown": (94, None),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "msgget": (68, 186),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "removexattr": (197, 14),
    "removexattrat": (466, 466),
    "semctl": (66, 191),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "setxattr": (188, 5),
    "setxattrat": (463, 463),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "shmget": (29, 194),
}
"""Denied as well where no namespace stands between a program and what else its user has on the host: sockets, shared
memory, and files, whose owner and attributes can be changed without opening them.
"""
SELF: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "prlimit64": (302, 261, (0,)),
    "sched_setaffinity": (203, 122, (0,)),
    "sched_setattr": (314, 274, (0,)),
    "sched_setparam": (142, 118, (0,)),
    "sched_setscheduler": (144, 119, (0,)),
    "setpriority": (141, 140, (0, 1)),
}
"""Allowed there only where these arguments are 0, by which a program means itself. Its user's others are the host's."""
PAIRS: tuple[int | None, int | None] = (53, 199)
"""``socketpair``. ``socket`` is in ``CALLS``."""
SOCK_DGRAM, SOCK_TYPES = 2, 0xF

EXAMINED = frozenset({"clone", "clone3", "unshare", "ioctl", "socket"})
"""Allowed or not by their arguments."""

ABSENT = frozenset({"io_uring_setup", "io_uring_enter", "io_uring_register", "clone3"})
"""Answered as by a kernel that lacks them, so that libraries take their older way."""


def _op(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("HBBI", code, yes, no, value & 0xFFFFFFFF)


def _load(offset: int) -> bytes:
    return _op(0x20, 0, 0, offset)


def _equal(value: int, yes: int, no: int) -> bytes:
    return _op(0x15, yes, no, value)


def _at_least(value: int, yes: int, no: int) -> bytes:
    return _op(0x35, yes, no, value)


def _any_bit(value: int, yes: int, no: int) -> bytes:
    return _op(0x45, yes, no, value)


def _end(action: int) -> bytes:
    return _op(0x06, 0, 0, action)


def _refuse(code: int) -> bytes:
    return _end(FAIL | code)


def _when(number: int, body: list[bytes]) -> list[bytes]:
    """Run ``body`` for one call; every other call jumps over it with the call number still loaded."""
    return [_equal(number, 0, len(body)), *body]


def _only_zero(arguments: tuple[int, ...]) -> list[bytes]:
    """Refuse the call unless these of its arguments are 0."""
    return [
        step for index in arguments for step in (_load(ARGUMENTS + 8 * index), _equal(0, 1, 0), _refuse(errno.EPERM))
    ]


def _masked(value: int) -> bytes:
    return _op(0x54, 0, 0, value)


def program(
    *,
    families: tuple[int, ...] = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK),
    alone: bool = False,
    machine: str = "",
) -> bytes:
    """Return the filter as the kernel's array of ``sock_filter``.

    Args:
        families: socket families that may be opened. ``AF_VSOCK``, which no namespace holds, is not for the asking.
        alone: no namespace stands between a program and the host, so the filter denies `ALONE`, what is not to
            `SELF`, and datagram sockets, which reach a peer without ``connect``.
        machine: ``x86_64`` or ``aarch64``; that of this host when empty.

    Raises:
        SandboxUnavailable: there is no table for this architecture.
    """
    name = machine or platform.machine()
    if name not in MACHINES:
        raise SandboxUnavailable(
            f"the system call filter has no table for {name}", fix="use an x86_64 or arm64 machine"
        )
    audit, column = MACHINES[name]
    number = {call: numbers[column] for call, numbers in CALLS.items()}

    code = [_load(ARCHITECTURE), _equal(audit, 1, 0), _end(KILL), _load(NUMBER)]
    if name == "x86_64":
        code += [_at_least(X32_BIT, 0, 1), _refuse(errno.ENOSYS)]
    for call, nr in number.items():
        if nr is not None and (call in ABSENT or call not in EXAMINED):
            code += _when(nr, [_refuse(errno.ENOSYS if call in ABSENT else errno.EPERM)])

    def examined(call: str, body: list[bytes]) -> list[bytes]:
        nr = number[call]
        return [] if nr is None else _when(nr, body)

    code += examined(
        "ioctl",
        [_load(ARGUMENTS + 8), _equal(TIOCSTI, 1, 0), _equal(TIOCLINUX, 0, 1), _refuse(errno.EPERM), _load(NUMBER)],
    )
    if alone:
        for numbers in ALONE.values():
            nr = numbers[column]
            code += [] if nr is None else _when(nr, [_refuse(errno.EPERM)])
        for *numbers, given in SELF.values():
            code += _when(numbers[column], [*_only_zero(given), _load(NUMBER)])
        for nr in (number["socket"], PAIRS[column]):
            datagram = [_load(ARGUMENTS + 8), _masked(SOCK_TYPES), _equal(SOCK_DGRAM, 0, 1), _refuse(errno.EPERM)]
            code += [] if nr is None else _when(nr, [*datagram, _load(NUMBER)])
    chosen = [step for family in families for step in (_equal(family, 0, 1), _end(ALLOW))]
    code += examined("socket", [_load(ARGUMENTS), *chosen, _refuse(errno.EAFNOSUPPORT)])
    for call in ("clone", "unshare"):
        code += examined(call, [_load(ARGUMENTS), _any_bit(NEW_NAMESPACES, 0, 1), _refuse(errno.EPERM), _load(NUMBER)])
    return b"".join([*code, _end(ALLOW)])


def profile() -> str:
    """Return the same policy as `program` in the JSON that container engines read."""
    rules: list[dict[str, object]] = []

    def refuse(call: str, code: int, *conditions: tuple[int, int, str]) -> None:
        args = [
            {"index": index, "value": value, "valueTwo": value, "op": f"SCMP_CMP_{op}"}
            for index, value, op in conditions
        ]
        rules.append({"names": [call], "action": "SCMP_ACT_ERRNO", "errnoRet": code, "args": args})

    for call in CALLS:
        if call in ABSENT or call not in EXAMINED:
            refuse(call, errno.ENOSYS if call in ABSENT else errno.EPERM)
    for request in (TIOCSTI, TIOCLINUX):
        refuse("ioctl", errno.EPERM, (1, request, "EQ"))
    allowed = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK)
    for family in set(range(max(allowed))) - set(allowed):
        refuse("socket", errno.EAFNOSUPPORT, (0, family, "EQ"))
    refuse("socket", errno.EAFNOSUPPORT, (0, max(allowed), "GT"))
    for call in ("clone", "unshare"):
        for bit in range(32):
            if NEW_NAMESPACES >> bit & 1:
                refuse(call, errno.EPERM, (0, 1 << bit, "MASKED_EQ"))
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules})
