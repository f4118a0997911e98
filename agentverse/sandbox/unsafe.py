"""No sandbox at all: commands run on the host as its user. Only ``agentverse run --unsafe-no-sandbox`` makes one.

It is not in the registry, so neither a file nor the environment can name it. Commands still have an environment built
from nothing, resource limits, and a process that kills all they started; nothing keeps them from reading, changing or
sending whatever the user could.
"""

from __future__ import annotations

import asyncio
import platform

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import launched, tooling
from agentverse.sandbox.folder import FolderBox
from agentverse.sandbox.protocol import Limits, Network, SandboxInfo

NAME = "NONE (--unsafe-no-sandbox)"
"""What every report shows as the sandbox."""


class Unsafe:
    """Makes boxes that hold nothing in. Linux only."""

    name = NAME

    async def probe(self) -> SandboxInfo:
        """Say what is enforced, which is next to nothing."""
        await asyncio.to_thread(tooling.compile_tools)
        return _INFO

    def open(self, *, network: Network = "loopback", limits: Limits | None = None) -> FolderBox:
        """A fresh folder. ``network`` makes no difference: it is the host's.

        Raises:
            SandboxUnavailable: this is not Linux.
        """
        if platform.system() != "Linux":
            raise SandboxUnavailable("commands can be run without a sandbox on Linux only", fix="use Linux")
        return FolderBox(_INFO, launched.Launcher(NAME), limits or Limits())


_INFO = SandboxInfo(
    backend=NAME,
    strength="none",
    enforced={
        "files": "",
        "network": "",
        "memory": "address space of each process",
        "processes": "",
        "disk": "",
        "cpu": "RLIMIT_CPU of each process",
        "folders shown": "",
        "held files": "",
    },
)
