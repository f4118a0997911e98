"""The first program of a session: it starts others in the box, and carries what they say to the host and back.

It speaks frames on its own stdin and stdout; see `agentverse.sandbox.live.frames` for what they mean. It runs beside
code nobody trusts, as the same user, so the host believes nothing it says beyond what it would believe of that code.
Standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import gc
import itertools
import json
import os
import pty
import resource
import selectors
import signal
import socket
import stat
import struct
import sys
import termios
from collections import deque
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

HEAD = struct.Struct("!IBII")
"""Bytes that follow the head, kind of frame, program, stream."""
ORDER, DATA, END = range(3)
STDIN, STDOUT, STDERR, TO_PIPE, FROM_PIPE, REPORT = range(6)
CHUNK = 1 << 16
FIRST_ACCEPTED = 1 << 31
"""Connections that were accepted here are numbered from this on; the host numbers everything else from 1."""
LONGEST_REPORT = 8 << 20
SUBREAPER, DUMPABLE = 36, 4
LIMITS = {
    "core": resource.RLIMIT_CORE,
    "nofile": resource.RLIMIT_NOFILE,
    "fsize": resource.RLIMIT_FSIZE,
    "cpu": resource.RLIMIT_CPU,
    "as": resource.RLIMIT_AS,
}


class Agent:
    """One thread, one selector; nothing here waits but for the host."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.programs: dict[int, int] = {}
        """Process id: the host's number for the program."""
        self.kept: set[int] = set()
        """Programs that go on while others end."""
        self.out: dict[tuple[int, int], int] = {}
        self.waiting: dict[int, deque[bytes]] = {}
        """Descriptor: what it has yet to be given."""
        self.reports: dict[int, str] = {}
        self.ended: dict[int, dict[str, Any]] = {}
        self.pending = b""
        self.warmed = False
        self.accepted = itertools.count(FIRST_ACCEPTED)
        self.counted: dict[int, int] = {}
        """Descriptor of an accepted connection: its number. The host is told how much of what it sent was taken."""

    def run(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(SUBREAPER, 1, 0, 0, 0)
        libc.prctl(DUMPABLE, 0, 0, 0, 0)
        woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, ignore)
        self.selector.register(0, selectors.EVENT_READ, self.hear)
        self.selector.register(woken, selectors.EVENT_READ, self.reap)
        self.say({"ready": os.getpid()})
        while True:
            for key, mask in self.selector.select():
                if key.fd in self.selector.get_map():
                    key.data(key.fd) if mask & selectors.EVENT_READ else self.give(key.fd)

    # ------------------------------------------------------------------ the host

    def say(self, what: dict[str, Any]) -> None:
        self.send(ORDER, 0, 0, json.dumps(what).encode())

    def send(self, kind: int, program: int, stream: int, data: bytes) -> None:
        rest = memoryview(HEAD.pack(len(data), kind, program, stream) + data)
        while rest:
            rest = rest[os.write(1, rest) :]

    def hear(self, fd: int) -> None:
        data = os.read(fd, CHUNK)
        if not data:
            os._exit(0)
        self.pending += data
        while len(self.pending) >= HEAD.size:
            length, kind, program, stream = HEAD.unpack_from(self.pending)
            if len(self.pending) < HEAD.size + length:
                return
            body = self.pending[HEAD.size : HEAD.size + length]
            self.pending = self.pending[HEAD.size + length :]
            if kind == ORDER:
                self.obey(json.loads(body))
            elif (target := self.out.get((program, stream))) is not None:
                self.queue(target, body if kind == DATA else b"")

    def obey(self, order: dict[str, Any]) -> None:
        number = order["id"]
        try:
            if order["do"] == "start":
                self.start(number, order)
            elif order["do"] == "connect":
                self.connect(number, order["port"])
            elif order["do"] == "listen":
                self.open_port(number, order["port"])
            elif order["do"] == "kill":
                self.kill(number)
        except (OSError, ValueError) as error:
            self.say({"id": number, "failed": f"{type(error).__name__}: {error}"})

    # ------------------------------------------------------------------ programs

    def start(self, number: int, order: dict[str, Any]) -> None:
        """Start a program with pipes, or on a terminal, and tell the host when it is there."""
        if order.get("warm"):
            self.warm_up()
        near: dict[int, int] = {}
        far: dict[int, int] = {}
        if size := order.get("terminal"):
            master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            near, far = {STDOUT: master, STDIN: os.dup(master)}, {0: slave, 1: slave, 2: slave}
        else:
            streams = [(STDIN, 0, True), (STDOUT, 1, False), (STDERR, 2, False)]
            if order.get("pipes"):
                streams += [(TO_PIPE, 3, True), (FROM_PIPE, 4, False)]
            for stream, descriptor, given in streams:
                reading, writing = os.pipe()
                near[stream], far[descriptor] = (writing, reading) if given else (reading, writing)
        environment = {**os.environ, **order["env"]}
        if order.get("report"):
            self.reports[number] = environment["AGENTVERSE_REPORT"] = f"{environment['TMPDIR']}/.report-{number}"
        pid = os.fork()
        if pid == 0:
            become(order, environment, far, bool(size))
        for descriptor in {*far.values()}:
            os.close(descriptor)
        self.programs[pid] = number
        if order.get("keep"):
            self.kept.add(pid)
        self.ended[number] = {"open": 0}
        for stream, descriptor in near.items():
            os.set_blocking(descriptor, False)
            os.set_inheritable(descriptor, False)
            if stream in (STDIN, TO_PIPE):
                self.out[number, stream] = descriptor
            else:
                self.listen(number, stream, descriptor)
        self.say({"id": number, "started": pid})

    def listen(self, number: int, stream: int, descriptor: int) -> None:
        self.ended.setdefault(number, {"open": 0})["open"] += 1
        self.selector.register(descriptor, selectors.EVENT_READ, partial(self.carry, number, stream))

    def carry(self, number: int, stream: int, fd: int) -> None:
        """Pass on what a program said."""
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return
        except OSError:  # a terminal whose other end is closed, a connection that was reset
            data = b""
        if data:
            self.send(DATA, number, stream, data)
        else:
            self.hear_no_more(number, stream, fd)

    def hear_no_more(self, number: int, stream: int, fd: int) -> None:
        self.forget(fd)
        os.close(fd)
        self.send(END, number, stream, b"")
        self.ended[number]["open"] -= 1
        self.finish(number)

    def forget(self, fd: int) -> None:
        if fd in self.selector.get_map():
            self.selector.unregister(fd)
        self.waiting.pop(fd, None)

    def queue(self, fd: int, data: bytes) -> None:
        """Give a descriptor this when it takes it; nothing is its end."""
        self.waiting.setdefault(fd, deque()).append(data)
        self.give(fd)

    def give(self, fd: int) -> None:
        line = self.waiting.get(fd)
        while line:
            if not line[0]:
                self.shut(fd)
                return
            try:
                written = os.write(fd, line[0])
            except BlockingIOError:
                self.watch_writing(fd)
                return
            except OSError:
                self.shut(fd)
                return
            if fd in self.counted:
                self.say({"id": self.counted[fd], "took": written})
            if written == len(line[0]):
                line.popleft()
            else:
                line[0] = line[0][written:]
        if fd in self.selector.get_map():
            self.selector.unregister(fd)

    def watch_writing(self, fd: int) -> None:
        if fd not in self.selector.get_map():
            self.selector.register(fd, selectors.EVENT_WRITE, self.give)

    def shut(self, fd: int) -> None:
        self.forget(fd)
        self.counted.pop(fd, None)
        for key in [key for key, value in self.out.items() if value == fd]:
            del self.out[key]
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            with suppress(OSError), socket.socket(fileno=os.dup(fd)) as connection:
                connection.shutdown(socket.SHUT_WR)
        os.close(fd)

    def reap(self, fd: int) -> None:
        os.read(fd, 4096)
        while True:
            try:
                pid, status, used = os.wait3(os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self.programs.pop(pid, None)
            self.kept.discard(pid)
            if number is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            self.ended[number]["said"] = {
                "id": number,
                "code": code,
                "cpu": used.ru_utime + used.ru_stime,
                "memory": used.ru_maxrss << 10,
            }
            self.sweep()
            self.report(number)
            self.finish(number)

    def report(self, number: int) -> None:
        """Send what a program wrote to its report file; nothing when it is no plain file or too long."""
        path = self.reports.pop(number, None)
        if path is None:
            return
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return
        with open(fd, "rb") as file:
            data = file.read(LONGEST_REPORT + 1) if os.fstat(fd).st_mode & 0o100000 else b""
        os.unlink(path)
        if len(data) <= LONGEST_REPORT:
            for start in range(0, len(data), CHUNK):
                self.send(DATA, number, REPORT, data[start : start + CHUNK])

    def finish(self, number: int) -> None:
        """Tell the host when a program is dead and all that it said is said."""
        known = self.ended.get(number)
        if known is None or known["open"] or "said" not in known:
            return
        del self.ended[number]
        for stream in (STDIN, TO_PIPE):
            if (fd := self.out.get((number, stream))) is not None:
                self.shut(fd)
        self.say(known["said"])

    def kill(self, number: int) -> None:
        for pid, known in list(self.programs.items()):
            if known == number:
                tree = {pid, *descendants({pid})}
                for each in tree:
                    end(each)
        if number not in self.programs.values():
            self.hang_up(number)

    def hang_up(self, number: int) -> None:
        """Close a connection at once; its server is told, even if it sends and never reads."""
        if (number, STDIN) in self.out:
            self.shut(self.out[number, STDIN])
        for key in list(self.selector.get_map().values()):
            carry: Any = key.data
            if getattr(carry, "args", ()) == (number, STDOUT):
                with suppress(OSError), socket.socket(fileno=os.dup(key.fd)) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.hear_no_more(number, STDOUT, key.fd)

    def sweep(self) -> None:
        """Kill what ended programs left behind: all that descends from here and from no program at work."""
        safe = set(self.programs)
        safe |= descendants(safe)
        for pid in descendants({os.getpid()}) - safe:
            end(pid)

    # ------------------------------------------------------------------ connections

    def connect(self, number: int, port: int) -> None:
        try:
            connection = reach(socket.AF_INET, "127.0.0.1", port)
        except ConnectionRefusedError:
            try:
                connection = reach(socket.AF_INET6, "::1", port)
            except OSError:
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)) from None
        self.take(number, connection)
        self.say({"id": number, "started": 0})

    def take(self, number: int, connection: socket.socket) -> None:
        """Carry what a connection says to the host, and back."""
        connection.setblocking(False)
        self.out[number, STDIN] = os.dup(connection.fileno())
        self.ended[number] = {"open": 0, "said": {"id": number, "code": 0}}
        self.listen(number, STDOUT, connection.detach())

    def open_port(self, number: int, port: int) -> None:
        """Let programs in the box reach the host's own handler on a port of 127.0.0.1."""
        server = socket.create_server(("127.0.0.1", port), backlog=64)
        server.setblocking(False)
        self.selector.register(server, selectors.EVENT_READ, partial(self.accept, server, port))
        self.say({"id": number, "started": 0})

    def accept(self, server: socket.socket, port: int, fd: int) -> None:
        try:
            connection, _ = server.accept()
        except OSError:  # gone again, or no descriptor is left
            return
        number = next(self.accepted)
        self.say({"accepted": number, "port": port})
        self.take(number, connection)
        self.counted[self.out[number, STDIN]] = number

    # ------------------------------------------------------------------ tests

    def warm_up(self) -> None:
        """Import pytest and let it run once, so that forks have all it loads late."""
        if self.warmed:
            return
        self.warmed = True
        pid_out = os.dup(1), os.dup(2)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            rehearse()
        finally:
            for saved, descriptor in zip(pid_out, (1, 2), strict=True):
                os.dup2(saved, descriptor)
                os.close(saved)
            os.close(null)
        gc.collect()
        gc.freeze()


def ignore(number: int, frame: object) -> None:
    """Do nothing about a signal but wake the selector up."""


def reach(family: int, address: str, port: int) -> socket.socket:
    connection = socket.socket(family)
    try:
        connection.connect((address, port))
    except OSError:
        connection.close()
        raise
    return connection


def rehearse() -> None:
    import tempfile

    import pytest

    import_module("agentverse_report")
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/test_rehearsal.py", "w", encoding="utf-8") as file:
            file.write(
                "import pytest\n"
                "@pytest.mark.parametrize('x', [1])\n"
                "def test_a(x, tmp_path, monkeypatch, capsys): assert x == 1\n"
                "def test_b():\n    with pytest.raises(ValueError): int('x')\n"
            )
        os.chdir(folder)
        before = set(sys.modules)
        pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir=.", folder])
        for name in set(sys.modules) - before:
            if name.startswith("test_"):
                del sys.modules[name]
        os.chdir(here)


def become(order: dict[str, Any], environment: dict[str, str], far: dict[int, int], terminal: bool) -> None:
    """In the child: turn into the program. Never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        high = {descriptor: fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for descriptor, fd in far.items()}
        os.closerange(3, 64)
        for descriptor, fd in high.items():
            os.dup2(fd, descriptor)
        os.closerange(64, 4096)
        if terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.chdir(order["cwd"])
        for name, value in order.get("limits", {}).items():
            resource.setrlimit(LIMITS[name], tuple(value))
        argv = order["argv"]
        if not order.get("warm"):
            os.execvpe(argv[0], argv, environment)  # noqa: S606, words, never a shell line
        ctypes.CDLL(None).prctl(DUMPABLE, 1, 0, 0, 0)
        code = run_tests(argv, environment)
        os._exit(code)
    except BaseException as error:
        missing = isinstance(error, FileNotFoundError)
        os.write(2, f"{order['argv'][0]}: {error.strerror if isinstance(error, OSError) else error!r}\n".encode())
        os._exit(127 if missing else 126)


def run_tests(words: list[str], environment: dict[str, str]) -> int:
    """Run pytest with these words in this process."""
    import pytest

    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["pytest", *words]
    own = [folder for folder in environment.get("PYTHONPATH", "").split(":") if folder]
    sys.path[:] = [os.getcwd(), *own, *(folder for folder in sys.path if folder not in own)]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    try:
        return int(pytest.main(words))
    except SystemExit as end_:
        return end_.code if isinstance(end_.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def descendants(of: set[int]) -> set[int]:
    """Processes below these, by /proc; none where that is not shown."""
    parents: dict[int, int] = {}
    try:
        entries = os.listdir("/proc")
    except OSError:
        return set()
    for name in entries:
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
    found = set(of)
    while grown := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= grown
    return found - of


def end(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    Agent().run()
