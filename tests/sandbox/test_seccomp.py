"""The filter, judged by running it: a machine for the eight instructions it uses."""

import errno
import struct

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import seccomp


def decide(program: bytes, nr: int, *args: int, audit: int) -> int:
    """What the kernel would do with this call."""
    data = struct.pack("=IIQ6Q", nr & 0xFFFFFFFF, audit, 0, *args, *[0] * (6 - len(args)))
    code = [struct.unpack_from("HBBI", program, at) for at in range(0, len(program), 8)]
    at, loaded = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        match operation:
            case 0x20:
                loaded = struct.unpack_from("=I", data, value)[0]
            case 0x15:
                at += yes if loaded == value else no
            case 0x35:
                at += yes if loaded >= value else no
            case 0x45:
                at += yes if loaded & value else no
            case 0x54:
                loaded &= value
            case 0x06:
                return value
            case _:
                raise AssertionError(f"unknown instruction {operation:#x}")


NUMBERS = {
    "x86_64": dict(
        read=0, execve=59, clone=56, clone3=435, unshare=272, socket=41, ioctl=16, ptrace=101, mount=165, prlimit64=302
    ),
    "aarch64": dict(
        read=63,
        execve=221,
        clone=220,
        clone3=435,
        unshare=97,
        socket=198,
        ioctl=29,
        ptrace=117,
        mount=40,
        prlimit64=261,
    ),
}


@pytest.mark.parametrize("machine", NUMBERS)
def test_decisions(machine):
    audit = seccomp.MACHINES[machine].audit
    numbers = NUMBERS[machine]
    program = seccomp.program(machine=machine)

    def ask(call: str, *args: int) -> int:
        return decide(program, numbers[call], *args, audit=audit)

    refused = seccomp.FAIL | errno.EPERM
    for call in ("read", "execve", "prlimit64"):
        assert ask(call) == seccomp.ALLOW
    for call in ("ptrace", "mount"):
        assert ask(call) == refused
    assert ask("clone", 0x11) == seccomp.ALLOW
    assert ask("clone", 0x11 | 0x10000000) == refused
    assert ask("unshare", 0x400) == seccomp.ALLOW
    assert ask("unshare", 0x00020000) == refused
    assert ask("clone3") == seccomp.FAIL | errno.ENOSYS
    assert ask("ioctl", 0, 0x5401) == seccomp.ALLOW
    assert ask("ioctl", 0, 0x5412) == refused
    assert ask("ioctl", 0, 0x1_0000_5412) == refused
    assert [family for family in range(64) if ask("socket", family) == seccomp.ALLOW] == [1, 2, 10, 16]


def test_other_architectures_get_nothing():
    program = seccomp.program(machine="x86_64")
    assert decide(program, 0, audit=0x40000003) == seccomp.KILL
    assert decide(program, 0x40000000, audit=0xC000003E) == seccomp.FAIL | errno.ENOSYS
    with pytest.raises(SandboxUnavailable, match="riscv64"):
        seccomp.program(machine="riscv64")


def test_families_can_be_narrowed():
    program = seccomp.program(machine="x86_64", families=(seccomp.AF_UNIX,))
    allowed = [family for family in range(64) if decide(program, 41, family, audit=0xC000003E) == seccomp.ALLOW]
    assert allowed == [1]


@pytest.mark.parametrize(
    ("machine", "connect", "shmget", "socket", "pair"),
    [
        ("x86_64", 42, 29, 41, 53),
        ("aarch64", 203, 194, 198, 199),
    ],
)
def test_without_a_namespace_nothing_reaches_a_peer_outside(machine, connect, shmget, socket, pair):
    audit = seccomp.MACHINES[machine].audit
    program = seccomp.program(machine=machine, families=(seccomp.AF_UNIX,), alone=True)
    refused = seccomp.FAIL | errno.EPERM
    assert decide(program, connect, 3, audit=audit) == refused
    assert decide(program, shmget, 1, audit=audit) == refused
    assert decide(program, socket, seccomp.AF_UNIX, 1, audit=audit) == seccomp.ALLOW
    assert decide(program, pair, seccomp.AF_UNIX, 0x80001, audit=audit) == seccomp.ALLOW
    for call in (socket, pair):
        assert decide(program, call, seccomp.AF_UNIX, 0x80002, audit=audit) == refused
    assert decide(program, socket, 2, 1, audit=audit) == seccomp.FAIL | errno.EAFNOSUPPORT


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_without_a_namespace_a_program_can_bend_itself_only(machine):
    column = seccomp.MACHINES[machine].column

    def ask(call: str, *args: int, alone: bool = True) -> int:
        program = seccomp.program(machine=machine, families=(seccomp.AF_UNIX,), alone=alone)
        return decide(program, seccomp.SELF[call][column], *args, audit=seccomp.MACHINES[machine].audit)

    for call in seccomp.SELF:
        assert ask(call, 0) == seccomp.ALLOW
        assert ask(call, 1234, 1234) == seccomp.FAIL | errno.EPERM
        assert ask(call, 1234, 1234, alone=False) == seccomp.ALLOW
    assert ask("setpriority", 2, 0) == ask("setpriority", 0, 1234) == seccomp.FAIL | errno.EPERM
