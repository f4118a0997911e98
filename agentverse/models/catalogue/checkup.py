"""What stands between this machine and a model that is served on it."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Collection
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from agentverse.models.catalogue.entry import FORMS, Engine
from agentverse.models.catalogue.fit import Choice, choose
from agentverse.models.catalogue.load import entries
from agentverse.models.catalogue.local import hub_cache, local_file
from agentverse.models.catalogue.machine import Machine, probe
from agentverse.models.servers import embedded
from agentverse.models.servers.discover import PORTS

PACKAGES: dict[Engine, str] = {"vllm": "vllm", "llamacpp": "xllamacpp"}
DRIVER = 580
"""The first NVIDIA driver that runs CUDA 13, which vLLM is built for."""

Code = Literal["driver", "driver_old", "install", "library", "update", "no_room", "server", "disk", "pull", "serve"]


@dataclass(frozen=True, slots=True)
class Installed:
    """An engine on this machine."""

    engine: Engine
    version: str = ""
    """"" when agentverse's own Python does not have it."""
    program: str = ""
    """Its command, when another environment has it."""
    lacks: str = ""
    """The system's package without which it cannot be loaded."""

    @property
    def there(self) -> bool:
        return bool(self.version or self.program)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, and with what: the model, the engine, a port, an advice."""

    code: Code
    what: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    machine: Machine
    folder: Path
    """Where downloads go."""
    free: int
    """Bytes on its disk."""
    engines: tuple[Installed, ...]
    listening: tuple[int, ...]
    """The `PORTS` that something answers on."""
    pulled: tuple[Path, ...]
    choice: Choice | None
    """What is best served here, whether or not it is downloaded."""

    def step(self) -> Step:
        """The one thing to do next for a model on this machine."""
        if self.machine.trouble and self.machine.fix:
            return Step("driver", self.machine.fix)
        if self.choice is None:
            return Step("no_room")
        if self.listening:
            return Step("server", str(self.listening[0]))
        engine: Engine = "vllm" if self.choice.fit.place == "gpu" else "llamacpp"
        if engine == "vllm" and all(0 < _major(gpu.driver) < DRIVER for gpu in self.machine.gpus):
            return Step("driver_old", str(DRIVER))
        return self._engine_step(engine, self.choice)

    def _engine_step(self, engine: Engine, choice: Choice) -> Step:
        installed = next(one for one in self.engines if one.engine == engine)
        if not installed.there:
            return Step("install", PACKAGES[engine])
        if installed.lacks:
            return Step("library", installed.lacks)
        if engine == "vllm" and installed.version and _version(installed.version) < _version(choice.entry.vllm):
            return Step("update", PACKAGES[engine])
        if local_file(choice.entry, choice.form) is not None:
            return Step("serve", choice.entry.name)
        if self.free < choice.entry.forms[choice.form].size:
            return Step("disk", str(self.folder))
        return Step("pull", choice.entry.name)


def checkup(ports: Collection[int] = tuple(PORTS)) -> Checkup:
    """Look at the machine, its disk, the engines and the ports. Never raises."""
    machine, folder = probe(), hub_cache()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    found = [local_file(entry, form) for entry in entries() for form in entry.forms]
    return Checkup(
        machine=machine,
        folder=folder,
        free=shutil.disk_usage(there).free,
        engines=(_installed("vllm"), _installed("llamacpp")),
        listening=tuple(port for port in ports if _listens(port)),
        pulled=tuple(path for path in found if path is not None),
        choice=best(machine),
    )


def best(machine: Machine) -> Choice | None:
    """The model to serve on ``machine``: by vLLM where there is a card for it, else by llama.cpp."""
    return choose(machine, FORMS["vllm"]) or choose(machine, FORMS["llamacpp"])


def _installed(engine: Engine) -> Installed:
    program = (shutil.which("vllm") or "") if engine == "vllm" else ""
    try:
        version = metadata.version(PACKAGES[engine])
        lacks = embedded.PACKAGE if engine == "llamacpp" and embedded.lacks() else ""
        return Installed(engine, version, program, lacks)
    except metadata.PackageNotFoundError:
        return Installed(engine, "", program)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _major(driver: str) -> int:
    return _version(driver)[0]


def _version(text: str) -> tuple[int, ...]:
    """``0.23.1rc1+cu130`` as (0, 23, 1), for comparing."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[a-z+-]", text)[0])) or (0,)
