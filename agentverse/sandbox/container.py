"""The backend ``container``: docker or podman through their command line, one container a command.

Nothing is ever pulled, built or left running. Every container has a name and is removed by it when its command ends, is
stopped or is cancelled: killing the program we started would only leave the container to itself. With
``sandbox.runtime = "runsc"`` each has a kernel of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import seccomp, tooling
from agentverse.sandbox.bubblewrap import FIRST_USER, USERS
from agentverse.sandbox.folder import WORK, FolderBox, Job
from agentverse.sandbox.process import Ended, Process
from agentverse.sandbox.protocol import Limits, Network, Reason, SandboxInfo, Strength
from agentverse.sandbox.registry import backend

ENGINES = ("podman", "docker")
IMAGE = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
PATIENCE = 60.0
"""Seconds that an engine may take to answer."""
PASSED = ("PATH", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DOCKER_HOST", "CONTAINER_HOST")
"""What the engine's program needs of our environment. The command gets none of it."""
KILLED, ENGINE_FAILED = 137, 125
KERNELS = ("runsc", "kata", "kata-runtime", "krun")
"""Runtimes that give a container a kernel of its own."""
FIRST = '(sleep "$0" && kill -9 -1) </dev/null >/dev/null 2>&1 & "$@"; exit $?'
"""The first process of a container is not killed by its own signals, so it is a shell and the command its child.

It runs inside the container only. Should agentverse be killed, it ends the container after ``$0`` seconds.
"""
GRACE = 10
ROOMY, SMALL = 64 << 20, 1 << 20


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answered.

    Attributes:
        user: what commands run as, as user and group id; it owns the workspace.
        own_names: the engine is ours alone (rootless), and has to be told to keep our user id.
    """

    program: str
    image: str
    runtime: str
    user: int
    own_names: bool
    limited: bool
    """Memory and processes are bounded by a control group."""

    async def start(self, job: Job) -> Contained:
        """Start a job in a new container."""
        name = f"agentverse-{secrets.token_hex(8)}"
        status, status_end = os.pipe()
        os.close(status_end)
        argv = [*_clean(), self.program, *self._words(name, job)]
        process = Process(argv, stdin=job.stdin, output=job.limits.output, status=status, own_code=True, line=job.line)
        return Contained(self, name, process)

    def _words(self, name: str, job: Job) -> list[str]:
        limits, base = job.limits, job.place.base
        words = ["run", "--name", name, "--interactive", "--pull=never", f"--user={self.user}:{self.user}"]
        filter_file = base / "filter.json"
        filter_file.write_text(seccomp.profile())
        words += [
            f"--security-opt=seccomp={filter_file}",
            "--network=none",
            "--read-only",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
        ]
        words += ["--hostname=box", f"--workdir=/work/{job.cwd}".removesuffix("/."), "--entrypoint=/bin/sh"]
        words += ["--log-driver=none", "--ulimit=core=0:0", f"--ulimit=nofile={limits.nofile}:{limits.nofile}"]
        words += [f"--ulimit=fsize={limits.file}:{limits.file}", f"--ulimit=cpu={limits.cpu}:{limits.cpu + 1}"]
        # Without these an engine asks for its own, which an unprivileged host refuses.
        most = limits.pids if os.geteuid() == 0 else resource.getrlimit(resource.RLIMIT_NPROC)[1]
        if most != resource.RLIM_INFINITY:
            words.append(f"--ulimit=nproc={most}:{most}")
        if self.limited:
            words += [f"--memory={limits.memory}", f"--memory-swap={limits.memory}", f"--pids-limit={limits.pids}"]
        if self.own_names:
            words.append("--userns=keep-id")
        if self.runtime:
            words.append(f"--runtime={self.runtime}")
        # Podman makes the last two writable by itself, and of any size.
        sizes = {"/tmp": limits.disk // 2, tooling.HOME: limits.disk // 4, "/run": SMALL, "/var/tmp": SMALL}  # noqa: S108
        for folder, size in sizes.items():
            words.append(f"--tmpfs={folder}:rw,nosuid,nodev,size={max(size, 4096)},mode=1777")
        words += [f"--shm-size={ROOMY}", _volume(base / WORK, "/work", writable=True)]
        words += [_volume(path.resolve(), f"{tooling.OURS}/lib/{name}") for name, path in tooling.tools().items()]
        words += [_volume(mount.source.absolute(), mount.target) for mount in job.mounts]
        env = job.env
        if job.report is not None:
            words.append(_volume(job.report, tooling.REPORT_FOLDER, writable=True))
            env = {**env, tooling.REPORT_VARIABLE: f"{tooling.REPORT_FOLDER}/report"}
        words += [f"--env={key}={value}" for key, value in env.items()]
        return [*words, self.image, "-c", FIRST, str(int(limits.wall) + GRACE), *job.words]


@dataclass(slots=True)
class Contained:
    """A command in a container."""

    engine: Engine
    name: str
    process: Process
    _hit: Reason | None = None

    async def stop(self) -> None:
        """Remove the container and with it all that runs in it."""
        ended = self.process.ended.result() if self.process.ended.done() else None
        if ended is not None and ended.stopped is None and ended.exit_code in (KILLED, ENGINE_FAILED):
            self._hit = await self._ask_why(ended.exit_code)
        with suppress(SandboxUnavailable):  # it has ended, or never was
            await _ask(self.engine.program, "kill", self.name)
        with suppress(SandboxUnavailable):
            await _ask(self.engine.program, "rm", "--force", self.name)

    async def reason(self, ended: Ended) -> Reason | None:
        return self._hit

    async def _ask_why(self, code: int) -> Reason | None:
        """Whether memory ran out, or the engine rather than the command ended with ``code``."""
        try:
            said = await _ask(
                self.engine.program, "inspect", "--format={{.State.OOMKilled}} {{.State.ExitCode}}", self.name
            )
        except SandboxUnavailable:
            return "sandbox_lost"
        killed, own_code = said.split()
        if killed == "true":
            return "memory"
        return None if int(own_code) == code else "sandbox_lost"


@backend("container")
class Container:
    """Makes boxes with docker or podman."""

    name = "container"

    def __init__(self) -> None:
        self._image, self._runtime = IMAGE, ""
        self._engine: str | None = None
        self._rootless = False
        self._limited = False
        self._users = itertools.count(secrets.randbelow(USERS))

    def adjust(self, *, image: str, runtime: str) -> None:
        """Use this image and this runtime; an empty text is the default."""
        self._image, self._runtime = image or IMAGE, runtime

    async def probe(self) -> SandboxInfo:
        """Find an engine that answers and has the image, and run the interpreter in a container.

        Raises:
            SandboxUnavailable: with what went wrong here and what to do about it.
        """
        await self._find()
        async with self.open(limits=Limits(wall=PATIENCE)) as box:
            result = await box.exec(["python", "-c", "import sys; print(*sys.version_info[:2])"])
        expected = f"{sys.version_info.major} {sys.version_info.minor}\n".encode()
        if result.ok and result.stdout == expected:
            return box.info
        if result.ok:
            raise _unavailable(
                f"the image {self._image} has another Python than agentverse", fix=f'sandbox.image = "{IMAGE}"'
            )
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise _unavailable(said[-1] if said else f"a trial run ended with {result.reason}")

    def open(self, *, network: Network = "loopback", limits: Limits | None = None) -> FolderBox:
        """A fresh box; nothing is started before a command is.

        Raises:
            SandboxUnavailable: `probe` has not found an engine.
        """
        if self._engine is None:
            raise _unavailable("no engine has been found yet")
        root = os.geteuid() == 0
        user = FIRST_USER + next(self._users) % USERS if root else os.getuid()
        own_names = self._rootless and not root
        engine = Engine(self._engine, self._image, self._runtime, user, own_names, self._limited)
        return FolderBox(self._info(), engine, limits or Limits(), user if root else None)

    def _info(self) -> SandboxInfo:
        strength: Strength = "kernel" if self._runtime in KERNELS else "namespaces"
        held = "control group of the container" if self._limited else ""
        return SandboxInfo(
            backend=self.name,
            strength=strength,
            enforced={
                "files": "read-only container",
                "network": "network namespace with nothing but its own 127.0.0.1",
                "memory": held,
                "processes": held,
                "disk": "",
                "cpu": "RLIMIT_CPU of each process",
                "held files": "",
            },
            system=self._image,
        )

    async def _find(self) -> None:
        if sys.platform != "linux":
            raise _unavailable("it is made for Linux", fix="run agentverse on Linux")
        failures: list[SandboxUnavailable] = []
        for engine in filter(None, map(shutil.which, ENGINES)):
            try:
                await self._try(engine)
            except SandboxUnavailable as failure:
                failures.append(failure)
            else:
                return
        raise failures[0] if failures else _unavailable("neither podman nor docker is installed")

    async def _try(self, engine: str) -> None:
        said = json.loads(await _ask(engine, "info", "--format={{json .}}"))
        try:
            await _ask(engine, "image", "inspect", self._image)
        except SandboxUnavailable:
            name = Path(engine).name
            raise _unavailable(f"{name} has no image {self._image}", fix=f"{name} pull {self._image}") from None
        host = said.get("host", {})
        self._rootless = bool(host.get("security", {}).get("rootless"))
        controllers: list[str] = host.get("cgroupControllers") or []
        docker = bool(said.get("MemoryLimit")) and bool(said.get("PidsLimit"))
        self._limited = docker or {"memory", "pids"} <= set(controllers)
        self._engine = engine


async def _ask(engine: str, *words: str) -> str:
    """Run a command of the engine; return what it printed.

    Raises:
        SandboxUnavailable: it failed or gave no answer.
    """
    argv = [*_clean(), engine, *words]
    name = Path(engine).name
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", start_new_session=True
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    except TimeoutError:
        raise _unavailable(f"{name} does not answer", fix=f"start the engine: {name} info") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = err.decode(errors="replace").strip().splitlines()
        raise _unavailable(lines[-1] if lines else f"{name} {words[0]} failed", fix=f"{name} info")
    return out.decode()


def _clean() -> list[str]:
    return ["/usr/bin/env", "-i", *(f"{name}={os.environ[name]}" for name in PASSED if name in os.environ)]


def _volume(source: Path, target: str, *, writable: bool = False) -> str:
    if "," in f"{source}{target}":
        raise _unavailable(f"it cannot show a folder with a comma in its name: {source}")
    return f"--mount=type=bind,source={source},target={target}" + ("" if writable else ",readonly")


def _unavailable(reason: str, *, fix: str = "apt-get install -y podman") -> SandboxUnavailable:
    return SandboxUnavailable(f"containers do not work here: {reason}", fix=fix)
