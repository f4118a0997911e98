"""What a product is given besides its own files before any of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentverse.blueprint.artifacts import Requirements
from agentverse.engine.languages import is_python
from agentverse.sandbox import toolchain
from agentverse.sandbox.protocol import Provision

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

NOTHING = Provision()
PACKAGES = "packages/"
"""How the keys of all steps about packages begin."""


async def supply(visit: Visit, files: Mapping[str, bytes]) -> Provision:
    """The toolchain and the packages that ``files`` need, made ready.

    Raises:
        Unsupplied: they cannot be had here. Nothing is run then, and nothing is believed.
    """
    if not is_python(visit.code):
        return toolchain.provision(visit.code)
    agreed = agreed_packages(visit)
    if "requirements.txt" not in files and not agreed:
        return NOTHING
    from agentverse.engine.packages import packages

    return await packages(visit, files, agreed)


def agreed_packages(visit: Visit) -> list[str]:
    """The packages that the agreed requirements name, where the product is written in Python."""
    values = visit.state.values().values()
    found = next((value for value in values if isinstance(value, Requirements)), None)
    return found.dependencies if found is not None and is_python(visit.code) else []
