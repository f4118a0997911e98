"""Which sandboxes there are, and which of them works here.

A package outside this repository adds one with an entry point in the group ``agentverse.sandboxes`` whose value is a
`SandboxBackend` class, or anything that makes one when called; inside a program `backend` does the same.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable
from typing import Protocol, TypeVar, runtime_checkable

from agentverse.errors import SandboxUnavailable, UsageError
from agentverse.sandbox.protocol import SandboxBackend, Strength

GROUP = "agentverse.sandboxes"
BUILT_IN = {
    "bubblewrap": "agentverse.sandbox.bubblewrap",
    "container": "agentverse.sandbox.container",
    "landlock": "agentverse.sandbox.landlock",
    "seatbelt": "agentverse.sandbox.seatbelt",
}
"""Name to the module that registers it, in the order they are tried."""

STRENGTHS: tuple[Strength, ...] = ("none", "lsm", "namespaces", "kernel")
"""From no isolation to a kernel of its own."""
WEAK = frozenset({"landlock", "seatbelt"})
"""Built-in ones that are below ``namespaces``; not even tried unless that is enough."""

Maker = Callable[[], SandboxBackend]
MakerT = TypeVar("MakerT", bound=Maker)
_makers: dict[str, Maker] = {}


@runtime_checkable
class Adjustable(Protocol):
    """A backend that settings say more about than its name."""

    def adjust(self, *, image: str, runtime: str) -> None:
        """Take what settings say; an empty text is the default."""
        ...


def backend(name: str) -> Callable[[MakerT], MakerT]:
    """Register a backend class, or a function that makes one, under ``name``. The latest of a name counts."""

    def register(maker: MakerT) -> MakerT:
        _makers[name] = maker
        return maker

    return register


def names() -> list[str]:
    """Every backend that can be named, built-in ones first. Imports none of them."""
    outside = (point.name for point in importlib.metadata.entry_points(group=GROUP))
    return list(dict.fromkeys([*BUILT_IN, *_makers, *outside]))


def make(name: str) -> SandboxBackend:
    """Make the backend called ``name``, whether or not it works here.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in _makers and name in BUILT_IN:
        importlib.import_module(BUILT_IN[name])
    if name in _makers:
        return _makers[name]()
    for point in importlib.metadata.entry_points(group=GROUP, name=name):
        maker: Maker = point.load()
        return maker()
    raise UsageError(f"there is no sandbox {name!r}", fix=f"use one of: {', '.join(names())}")


async def choose(
    name: str | None = None, *, minimum: Strength | None = None, image: str = "", runtime: str = ""
) -> SandboxBackend:
    """Return a backend that has just been seen to work.

    Args:
        name: the one to use; the first that works when None.
        minimum: strength that is enough; ``namespaces`` when None, and whatever it has when it was named.
        image, runtime: for backends that are `Adjustable`.

    Raises:
        SandboxUnavailable: nothing works, or it is too weak. It says why, and its fix is the command that helps.
        UsageError: there is no backend called ``name``.
    """
    least = STRENGTHS.index(minimum or ("namespaces" if name is None else "none"))
    weak_will_do = name is not None or least <= STRENGTHS.index("lsm")
    failures: list[SandboxUnavailable] = []
    for candidate in [name] if name is not None else names():
        if candidate in WEAK and not weak_will_do:
            continue
        found = make(candidate)
        if isinstance(found, Adjustable):
            found.adjust(image=image, runtime=runtime)
        try:
            info = await found.probe()
            if STRENGTHS.index(info.strength) < least:
                raise SandboxUnavailable(
                    f"{candidate} is of strength {info.strength}, and sandbox.minimum is {STRENGTHS[least]}",
                    fix=f'Set sandbox.minimum = "{info.strength}", or sandbox.runtime = "runsc" for containers.',
                )
        except SandboxUnavailable as failure:
            failures.append(failure)
        else:
            return found
    said = "; ".join(map(str, failures))
    fix = next((failure.fix for failure in failures if failure.fix), None)
    raise SandboxUnavailable(f"no sandbox works on this machine, so no code is run: {said}", fix=fix)
