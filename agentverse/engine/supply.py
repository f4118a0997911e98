"""What a product is given besides its own files before any of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentverse.sandbox import toolchain
from agentverse.sandbox.protocol import Provision

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


async def supply(visit: Visit, files: Mapping[str, bytes]) -> Provision:
    """The packages and the toolchain that ``files`` need, made ready.

    Raises:
        Unsupplied: they cannot be had here. Nothing is run then, and nothing is believed.
    """
    return toolchain.provision(visit.code)
