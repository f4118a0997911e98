"""What the host has that an attack must not reach, made anew for each attack: files, a process, servers, memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECRET = "the-secret-of-the-host"
PLACES = ("/etc", "/usr/local/bin", "/var/tmp", "/dev/shm", "/tmp", "/opt", "/run", "/")
NOT_OURS = ("/etc/shadow", "/etc/machine-id", __file__)
"""Files that hold no mark of ours, and that no box shows all the same."""
HOMES = ("127.0.0.1", "127.1.2.3", "::1")
IPC_RMID = 0

_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p


@dataclass
class Targets:
    """Made by `made`. `harm` says what was done to them."""

    folder: Path
    secrets: list[Path]
    places: list[str]
    victim: subprocess.Popen[bytes]
    port: int
    abstract: str
    shared: SharedMemory
    listening: dict[str, socket.socket] = field(default_factory=dict[str, socket.socket])
    before: dict[str, object] = field(default_factory=dict[str, object])
    straight: frozenset[str] = frozenset()

    @property
    def changed(self) -> Path:
        return self.folder / "open" / "victim"

    def given(self) -> dict[str, Any]:
        """What the programs are told, so that none has to search."""
        return {
            "secrets": [*map(str, self.secrets), *NOT_OURS],
            "folder": str(self.folder),
            "folders": self.places,
            "victim": self.victim.pid,
            "victim_file": str(self.changed),
            "port": self.port,
            "abstract": self.abstract,
            "socket": str(self.folder / "socket"),
            "shm_id": self.shared.number,
            "shm_key": self.shared.key,
            "shm_name": self.shared.name,
        }

    def harm(self) -> list[str]:
        """Everything that was reached or changed; empty when all is as it was."""
        found = [f"{how} of the host was reached" for how in self._met()]
        for place in self.places:
            planted = Path(place, "planted")
            if planted.exists():
                found.append(f"{planted} was written")
                planted.unlink()
        if self.victim.poll() is not None:
            found.append("a process of the host was killed")
        else:
            found += [f"{what} of a process of the host" for what in _bent(self.victim.pid) - self.straight]
        found += [
            f"{what} of a file of the host changed" for what, was in self.before.items() if was != self._now(what)
        ]
        if any(secret.read_text() != SECRET for secret in self.secrets):
            found.append("a secret was changed")
        return found

    def _met(self) -> Iterator[str]:
        for how, listener in self.listening.items():
            with contextlib.suppress(BlockingIOError):
                if listener.type == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recv(100)
                yield how

    def _now(self, what: str) -> object:
        if what == "the folder":
            return sorted(os.listdir(self.changed.parent))
        try:
            seen = self.changed.stat()
            looks: dict[str, object] = {
                "mode": seen.st_mode,
                "time": seen.st_mtime,
                "size": seen.st_size,
                "attributes": os.listxattr(self.changed),
            }
        except FileNotFoundError:
            return None
        return looks[what]


@dataclass(frozen=True)
class SharedMemory:
    """The secret in memory that any process of the host could read, by the old calls and by the new."""

    key: int
    number: int
    name: str

    @classmethod
    def made(cls) -> SharedMemory:
        key, name = secrets.randbelow(1 << 30) + 1, f"agentverse-{secrets.token_hex(6)}"
        number = _libc.shmget(key, 4096, 0o1666)
        place = _libc.shmat(number, None, 0)
        ctypes.memmove(place, SECRET.encode(), len(SECRET))
        _libc.shmdt(ctypes.c_void_p(place))
        Path("/dev/shm", name).write_text(SECRET)
        return cls(key, number, name)

    def close(self) -> None:
        _libc.shmctl(self.number, IPC_RMID, None)
        Path("/dev/shm", self.name).unlink()


@contextlib.contextmanager
def made() -> Iterator[Targets]:
    """Targets, taken away again afterwards."""
    with contextlib.ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="agentverse-target-"))
        undo.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        hidden = Path.home() / f".agentverse-{secrets.token_hex(4)}"
        undo.callback(hidden.unlink)
        for file in (folder / "secret", folder / "data", hidden):
            file.write_text(SECRET)
            file.chmod(0o644)
        # Its words and its environment are secrets too. It ends when its input does: with us.
        victim = subprocess.Popen(["cat", "-", SECRET], stdin=subprocess.PIPE, env={"API_KEY": SECRET})
        undo.callback(_end, victim)
        shared = SharedMemory.made()
        undo.callback(shared.close)
        abstract = f"agentverse-{secrets.token_hex(6)}"
        listening = _listeners(folder, abstract, undo)
        port = listening["127.0.0.1 by TCP"].getsockname()[1]
        places = [str(folder / "open"), str(Path.home()), *PLACES]
        targets = Targets(folder, [folder / "secret", hidden], places, victim, port, abstract, shared, listening)
        targets.changed.write_text("as it was")
        targets.changed.chmod(0o666)
        targets.straight = frozenset(_bent(victim.pid))
        targets.before = {what: targets._now(what) for what in ("the folder", "mode", "time", "size", "attributes")}
        yield targets


def _listeners(folder: Path, abstract: str, undo: contextlib.ExitStack) -> dict[str, socket.socket]:
    """Sockets that take what comes and are asked about it later: the kernel keeps it for them."""
    found: dict[str, socket.socket] = {}

    def listen(how: str, family: int, kind: int, address: Any) -> None:
        listener = undo.enter_context(socket.socket(family, kind))
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        found[how] = listener

    listen("127.0.0.1 by TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    port = found["127.0.0.1 by TCP"].getsockname()[1]
    for address in HOMES:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for how, kind in (("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)):
            if f"{address} by {how}" not in found:
                with contextlib.suppress(OSError):  # no IPv6 here, or the port is taken there
                    listen(f"{address} by {how}", family, kind, (address, port))
    for how, address in (("a unix socket", str(folder / "socket")), ("an abstract socket", f"\0{abstract}")):
        listen(how, socket.AF_UNIX, socket.SOCK_STREAM, address)
        listen(f"{how} for datagrams", socket.AF_UNIX, socket.SOCK_DGRAM, f"{address}d")
    for path in (folder / "socket", folder / "socketd"):
        path.chmod(0o777)
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _bent(pid: int) -> set[str]:
    """What others can do to a process without ending it, as it stands."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line for line in lines if line.startswith(("TracerPid:", "Cpus_allowed:", "State:\tT"))}
    found |= {f"limit {line}" for line in Path(f"/proc/{pid}/limits").read_text().splitlines()}
    return found | {f"scheduling {os.sched_getscheduler(pid)}", f"priority {os.getpriority(os.PRIO_PROCESS, pid)}"}


def living(mark: str) -> list[int]:
    """Processes of the host whose words or name hold ``mark``."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            said = (folder / "cmdline").read_bytes() + (folder / "comm").read_bytes()
            if mark[:15].encode() in said and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found
