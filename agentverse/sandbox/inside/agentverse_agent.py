"""The first program of a session: it starts others in the box, and carries what they say to the host and back.

It speaks frames on its own stdin and stdout; see `agentverse.sandbox.live.frames` for what they mean. It runs beside
code nobody trusts, as the same user, so the host believes nothing it says beyond what it would believe of that code.
Standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import itertools
import json
import os
import selectors
import signal
import socket
import stat
import struct
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

import agentverse_warm as warm
from agentverse_programs import (
    DUMPABLE,
    STDIN,
    STDOUT,
    TO_PIPE,
    WAITS_AT,
    descendants,
    end,
    fork,
    streams,
)

HEAD = struct.Struct("!IBII")
"""Bytes that follow the head, kind of frame, program, stream."""
ORDER, DATA, END = range(3)
REPORT = 5
CHUNK = 1 << 16
FIRST_ACCEPTED = 1 << 31
"""Connections that were accepted here are numbered from this on; the host numbers everything else from 1."""
LONGEST_REPORT = 8 << 20
SUBREAPER = 36


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
        self.spare: warm.Spare | None = None
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
            elif order["do"] == "clean":
                self.clean(number)
            elif order["do"] == "kill":
                self.kill(number)
        except (OSError, ValueError) as error:
            self.say({"id": number, "failed": f"{type(error).__name__}: {error}"})

    # ------------------------------------------------------------------ programs

    def start(self, number: int, order: dict[str, Any]) -> None:
        """Start a program with pipes, or on a terminal, and tell the host when it is there."""
        if order.get("warm"):
            self.warm_up()
            if self.hand_over(number, order):
                return
        near, far = streams(order)
        environment = {**os.environ, **order["env"]}
        if order.get("report"):
            self.reports[number] = environment["AGENTVERSE_REPORT"] = f"{environment['TMPDIR']}/.report-{number}"
        pid = fork(order, environment, far)
        self.adopt(number, order, pid, near)
        if order.get("warm"):
            self.prepare(order["argv"])

    def adopt(self, number: int, order: dict[str, Any], pid: int, near: dict[int, int]) -> None:
        """Carry what a process says from now on, as the host's program ``number``."""
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
            if self.spare is not None and pid == self.spare.pid:
                self.drop_spare()
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
        safe = {*self.programs, *self.waiting_for_tests}
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
            warm.rehearse()
        finally:
            for saved, descriptor in zip(pid_out, (1, 2), strict=True):
                os.dup2(saved, descriptor)
                os.close(saved)
            os.close(null)
        gc.collect()
        gc.freeze()

    @property
    def waiting_for_tests(self) -> set[int]:
        return set() if self.spare is None else {self.spare.pid}

    def prepare(self, words: list[str]) -> None:
        """Have a process ready for the next run of tests with the same words."""
        if self.spare is not None or not warm.can_wait(words):
            return
        near, far = streams({})
        far[WAITS_AT], control = os.pipe()
        report = f"{os.environ['TMPDIR']}/.report-{os.urandom(8).hex()}"
        order: dict[str, Any] = {"argv": words, "cwd": ".", "warm": True, "waits": True}
        pid = fork(order, {**os.environ, "AGENTVERSE_REPORT": report}, far)
        self.spare = warm.Spare(pid, words, near, control, report)

    def hand_over(self, number: int, order: dict[str, Any]) -> bool:
        """Give an order to the process that waits; False when there is none that fits."""
        spare = self.spare
        if spare is None:
            return False
        if not spare.fits(order) or not spare.go(order):
            self.drop_spare()
            return False
        self.spare = None
        self.reports[number] = spare.report
        self.adopt(number, order, spare.pid, spare.near)
        self.prepare(order["argv"])
        return True

    def drop_spare(self) -> None:
        """Let go of the process that waits; it ends by that."""
        if self.spare is not None:
            for descriptor in (self.spare.control, *self.spare.near.values()):
                os.close(descriptor)
            self.spare = None

    def clean(self, number: int) -> None:
        """Kill all programs and empty the folders they could write to; the host hears of it as of a program's end."""
        safe = {os.getpid(), *self.waiting_for_tests}
        for pid in descendants({os.getpid()}) - safe:
            end(pid)
        pid = os.fork()
        if pid == 0:
            try:
                while descendants(safe) - {os.getpid()}:
                    time.sleep(0.001)
                warm.empty_folders(keep=self.spare.report if self.spare is not None else "")
                os._exit(0)
            except BaseException:
                os._exit(1)
        self.programs[pid] = number
        self.ended[number] = {"open": 0}


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


if __name__ == "__main__":
    Agent().run()
