"""Every backend tried, for people who want to know which work here and how to get a stronger one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.registry import STRENGTHS, Adjustable, make, names

RUNSC = 'install runsc (gVisor) for your container engine; set sandbox.backend = "container", sandbox.runtime = "runsc"'


@dataclass(frozen=True, slots=True)
class Found:
    """One backend on this machine."""

    name: str
    works: bool
    strength: str = ""
    enforced: Mapping[str, str] = field(default_factory=dict[str, str])
    problem: str = ""
    fix: str = ""


async def survey(*, image: str = "", runtime: str = "") -> list[Found]:
    """Try every backend, in the order in which they are preferred."""
    found: list[Found] = []
    for name in names():
        candidate = make(name)
        if isinstance(candidate, Adjustable):
            candidate.adjust(image=image, runtime=runtime)
        try:
            info = await candidate.probe()
        except SandboxUnavailable as error:
            found.append(Found(name, works=False, problem=str(error), fix=error.fix or ""))
        else:
            found.append(Found(name, works=True, strength=info.strength, enforced=info.enforced))
    return found


def stronger(found: Sequence[Found], chosen: str) -> str:
    """What to do for a stronger sandbox than ``chosen``: one command or setting; empty when there is nothing."""
    now = next((STRENGTHS.index(one.strength) for one in found if one.name == chosen and one.works), 0)
    for one in found:
        if one.works and STRENGTHS.index(one.strength) > now:
            return f'set sandbox.backend = "{one.name}"'
    if now < STRENGTHS.index("namespaces"):
        return next((one.fix for one in found if not one.works and one.fix), "")
    return RUNSC if now < STRENGTHS.index("kernel") else ""
