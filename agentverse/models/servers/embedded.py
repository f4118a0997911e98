"""llama.cpp, as it comes with agentverse.

It runs in a child process. In this one it would be ready about a tenth of a second sooner, and take the run with it
when native code crashes or the system, short of memory, kills the largest process.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from agentverse.errors import CannotServe
from agentverse.models.catalogue.entry import Entry
from agentverse.models.catalogue.fit import fits
from agentverse.models.catalogue.machine import Machine
from agentverse.models.servers import llama
from agentverse.models.servers.launch import Launch
from agentverse.models.servers.misfits import too_little, too_short

SIZES = ((32768, 4), (16384, 4), (16384, 2), (16384, 1), (8192, 1))
"""Tokens of context and slots that are tried, best first. Each slot has a cache of its own, used or not."""
SLOTS = (4, 2, 1)
LIBRARY, PACKAGE = "libgomp.so.1", "libgomp1"
"""What the engine needs of the system, for its wheel does not bring it, and the package of Debian that does."""
_CACHE_SHARE = 8
"""Part of the memory left over that keeps the prompts of slots that were given to others."""


class Size(NamedTuple):
    context: int
    slots: int
    need: int
    """Bytes."""


def installed() -> bool:
    return find_spec("xllamacpp") is not None


def lacks() -> str:
    """The library of the system without which the engine cannot be loaded; "" when all it needs is there."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        try:
            import_module("xllamacpp")  # another build may not need it
        except ImportError as error:
            return LIBRARY if LIBRARY in str(error) else ""
    return ""


def require() -> None:
    """See that the engine can be loaded here.

    Raises:
        CannotServe: it is not installed, or the system lacks what it needs.
    """
    if not installed():
        raise CannotServe(
            "llama.cpp is not installed", fix="Install it: pip install xllamacpp; or name a server: --model URL"
        )
    if library := lacks():
        raise CannotServe(
            f"llama.cpp needs {library}, which this system lacks",
            fix=f"Install it: sudo apt-get install -y {PACKAGE}; or name a server: --model URL",
        )


def launch(
    entry: Entry,
    file: Path,
    machine: Machine,
    *,
    port: int,
    context: int | None = None,
    least: int = 0,
    most: int | None = None,
    key: str = "",
    threads: int | None = None,
) -> Launch:
    """How to serve a GGUF here.

    Args:
        context: tokens of each slot; as much as fits when left out.
        least: tokens of each slot below which there is no use in it.
        most: tokens it was trained with, where its family does not say.
        key: what requests have to show.

    Raises:
        CannotServe: the engine cannot be loaded, there is too little memory, or the model's context is too short.
    """
    require()
    size = size_for(entry, machine, context=context, least=least, most=most or entry.profile.context)
    cache = max(0, machine.available - size.need) // _CACHE_SHARE >> 20
    words = {
        "--model": str(file),
        "--alias": entry.name,
        "--port": str(port),
        "--context": str(size.context),
        "--slots": str(size.slots),
        "--threads": str(threads or _threads()),
        "--cache": str(cache),
    }
    program = (sys.executable, "-P", llama.__file__)
    return Launch(
        "llamacpp",
        entry.name,
        (*program, *(word for pair in words.items() for word in pair)),
        port,
        size.context,
        size.slots,
        env={"LLAMA_API_KEY": key} if key else {},
        weights=entry.forms["gguf"].size,
        key=key,
    )


def size_for(entry: Entry, machine: Machine, *, context: int | None, least: int, most: int) -> Size:
    """How many slots of how many tokens a model gets here.

    Raises:
        CannotServe: none would do.
    """
    if max(least, context or 0) > most:
        raise too_short(entry, most, max(least, context or 0))
    wanted = (
        [(context, slots) for slots in SLOTS] if context else [(min(most, tokens), slots) for tokens, slots in SIZES]
    )
    wanted = [(tokens, slots) for tokens, slots in wanted if tokens >= least]
    fit = fits(machine, entry, "gguf", context=least)
    for tokens, slots in wanted:
        fit = fits(machine, entry, "gguf", context=tokens, concurrency=slots)
        if fit.need <= min(fit.have, machine.available):
            return Size(tokens, slots, fit.need)
    raise too_little(entry, fit, have=min(fit.have, machine.available))


def _threads() -> int:
    """The cores that do arithmetic of their own; of a small machine all but one, which is left to the run itself."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores // 2 if cores > 4 else max(1, cores - 1)
