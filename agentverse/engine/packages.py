"""The packages of a product: which it may have, which versions they are, and where they are shown.

What a person allowed, and the versions that the first command found, are steps: a resumed run neither asks nor resolves
again. Their keys follow from the names alone, so all phases of a run share them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from agentverse.engine.gates import ask
from agentverse.engine.supply import PACKAGES
from agentverse.engine.words import word
from agentverse.errors import Unsupplied
from agentverse.journal.events import Decision, GateOpened
from agentverse.sandbox.packages.policy import nearest
from agentverse.sandbox.packages.supplier import Supplier, provision
from agentverse.sandbox.packages.wanted import FILE, Wanted, Wish, read_wish
from agentverse.sandbox.protocol import Provision

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


async def packages(visit: Visit, files: Mapping[str, bytes], agreed: Sequence[str]) -> Provision:
    """What shows a product its packages.

    Raises:
        Unsupplied: a line cannot be read, a package is not allowed, or there is no way to have it here.
    """
    wish = read_wish(files, agreed)
    if wish.refused:
        more = f" (and {len(wish.refused) - 1} more)" if wish.refused[1:] else ""
        raise Unsupplied(f"{wish.refused[0]}{more}", fix="Name only packages of the index, one a line.")
    lines = tuple(one.line for one in await _allowed(visit, wish, optional=FILE in files))
    if not lines:
        return Provision()
    ready = visit.work.provisions.get(lines)
    if ready is None:
        ready = visit.work.provisions[lines] = await _get(visit, lines)
    return ready


async def _get(visit: Visit, lines: Sequence[str]) -> Provision:
    journal, host = visit.work.journal, visit.work.host
    key = PACKAGES + hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:16]
    known = journal.recall(key)
    pins: list[str] = []
    if known is not None and isinstance(known.event, Decision):
        pins = cast("dict[str, Any]", known.event.value)["versions"]
    layer = await Supplier(host.sandbox, host.packages, offline=host.offline).layer(pins or lines, pinned=bool(pins))
    if known is None:
        await journal.record(key, Decision(what="packages", value={"wanted": lines, "versions": layer.pins}))
    return provision(layer)


async def _allowed(visit: Visit, wish: Wish, *, optional: bool) -> list[Wanted]:
    """Those that the product may have, unless one of them is refused.

    Args:
        optional: there is a ``requirements.txt``, which agents can mend. What was only agreed, which they cannot, is
            left out then rather than refused or asked for.
    """
    policy = visit.work.host.packages
    allowed: list[Wanted] = []
    for one in wish.wanted:
        judgement = policy.judge(one.name)
        if judgement != "allowed" and optional and not one.where:
            continue
        if judgement == "refused" or (judgement == "ask" and not await _may_have(visit, one)):
            raise _refused(one, settings=judgement == "refused")
        allowed.append(one)
    return allowed


async def _may_have(visit: Visit, one: Wanted) -> bool:
    """Ask a person, once in a run for each name."""
    language = visit.work.language
    yes, no = word("yes", language), word("no", language)
    near = nearest(one.name)
    question = word("may_have_package", language, package=one.line, near=f" {near}" if near else "")
    gate = GateOpened(phase=visit.name, visit=visit.number, question=question, choices=[yes, no], default=no)
    answer = await ask(visit, f"{PACKAGES}{one.name}/gate", gate)
    return answer is not None and answer.choice == yes


def _refused(one: Wanted, *, settings: bool) -> Unsupplied:
    why = "the settings [packages] do not allow it" if settings else "it is not a common one, and nobody allowed it"
    near = nearest(one.name)
    place = f" in {one.where}" if one.where else ""
    fix = f'{near} Use a common package or the standard library, or set packages.extra = ["{one.name}"].'
    return Unsupplied(f"the package {one.name!r}{place} is not to be used: {why}", fix=fix.strip())
