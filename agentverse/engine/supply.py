"""What a product is given besides its own files before any of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentverse.blueprint.artifacts import Requirements
from agentverse.engine.languages import is_python
from agentverse.errors import Unsupplied
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
        await _see(visit)
        return toolchain.provision(visit.code)
    agreed = agreed_packages(visit)
    if "requirements.txt" not in files and not agreed:
        return NOTHING
    from agentverse.engine.packages import packages

    return await packages(visit, files, agreed)


async def _see(visit: Visit) -> None:
    """Look once whether the toolchain is here: a run may be resumed on another machine than it began on.

    Raises:
        Unsupplied: it is not.
    """
    work, code = visit.work, visit.code
    if code.name not in work.toolchains:
        lack = (await toolchain.survey(work.host.sandbox, {code.name: code}))[code.name]
        if lack is not None:
            raise Unsupplied(lack.why, fix=lack.fix or None, stops=True)
        work.toolchains.add(code.name)


def agreed_packages(visit: Visit) -> list[str]:
    """The packages that the agreed requirements name, where the product is written in Python."""
    values = visit.state.values().values()
    found = next((value for value in values if isinstance(value, Requirements)), None)
    return found.dependencies if found is not None and is_python(visit.code) else []
