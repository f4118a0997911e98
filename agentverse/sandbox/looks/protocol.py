"""What every way to look at a product gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentverse.blueprint.artifacts import Show, Step
from agentverse.sandbox.protocol import Limits, Mount, Sandbox


@dataclass(frozen=True, slots=True)
class Start:
    """How the product is started.

    Attributes:
        argv: words, such as ``("python", "main.py")``.
        page: what of a server is opened first.
        env: added to the box's own environment.
        mounts: further folders that it needs: its packages, its toolchain.
    """

    argv: tuple[str, ...]
    page: str = "/"
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. ``show.moments[i].picture`` names a key of ``pictures``, or is empty."""

    show: Show
    pictures: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Name such as ``1.png``: PNG."""


class Looks(Protocol):
    """One way to look. Each lives in a module of its own as a function of this shape."""

    async def __call__(self, box: Sandbox, start: Start, tour: Sequence[Step], *, limits: Limits) -> Look:
        """Start the product in ``box``, which holds its files, take the tour, and judge what was seen.

        Whatever the product does is in the `Show`; so is what this machine lacks (``ended="not_run"`` with a ``fix``).

        Raises:
            SandboxUnavailable: the box could run nothing at all.
        """
        ...
