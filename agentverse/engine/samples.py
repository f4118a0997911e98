"""Several samples of one change, put to a command: one session tries them, and a box of its own has the last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from agentverse.blueprint.artifacts import Evidence
from agentverse.engine import languages
from agentverse.engine.languages import NAMED
from agentverse.engine.trust import prove
from agentverse.errors import PhaseFailed, SandboxUnavailable
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.protocol import Limits, Provision, Sandbox
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit
    from agentverse.sandbox.protocol import SandboxBackend

UNSURE = ("sandbox_lost", "killed")
"""Ends that a program may have brought on itself, or on the session by which others are tried."""


class Warm:
    """One session for the tries of one visit. It is there when it is first needed.

    Args:
        backend: makes the box that holds it.
    """

    def __init__(self, backend: SandboxBackend) -> None:
        self._backend = backend
        self._box: Sandbox | None = None
        self._given_up = False

    async def run(
        self, files: Mapping[str, bytes], argv: Sequence[str], *, limits: Limits, provision: Provision
    ) -> Evidence | None:
        """What a command shows in the session; None where it takes a box of its own to tell."""
        if self._given_up:
            return None
        try:
            box = await self._with(files, limits)
            evidence = await gather(box, argv, limits=limits, provision=provision, warm=True)
        except SandboxUnavailable:
            self._given_up = True  # whether there is a sandbox at all is for the box of its own to say
            return None
        return None if evidence.ended in UNSURE else evidence

    async def _with(self, files: Mapping[str, bytes], limits: Limits) -> Sandbox:
        if self._box is None:
            self._box = self._backend.open(limits=limits)
            await self._box.put(files)
        else:
            await self._box.renew(files)
        return self._box

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._box is not None:
            await self._box.close()


async def verified(visit: Visit, values: Sequence[Any], again: str) -> int:
    """Commit each sample and put it to the phase's ``verify`` command; the best evidence wins, the first of equals.

    What a session showed only says which sample to look at: what is picked was shown in a fresh box. The first sample
    goes there at once, for often it is good and a session would be started for nothing.
    """
    argv = _command(visit)
    shown: list[Evidence] = []
    async with Warm(visit.work.host.sandbox) as warm:
        for index, value in enumerate(values):
            if not isinstance(value, Changes):
                raise PhaseFailed(f"phase '{visit.name}': only files can be picked by evidence", code="pick")
            evidence = await _try(visit, argv, value, f"sample{index + 1}{again}", warm if index else None)
            shown.append(evidence)
            if evidence.passed:
                shown[-1] = await _confirmed(visit, argv, evidence, f"sample{index + 1}{again}")
                if shown[-1].passed:
                    break
        while True:
            best = max(range(len(shown)), key=lambda index: (shown[index].score, -index))
            if not shown[best].warm:
                return best
            shown[best] = await _confirmed(visit, argv, shown[best], f"sample{best + 1}{again}")


def _command(visit: Visit) -> list[str]:
    said = visit.spec.verify
    if said in NAMED:
        return languages.command(visit.code, str(said))
    return said.split() if isinstance(said, str) else list(said or ())


async def _try(visit: Visit, argv: list[str], value: Changes, sample: str, warm: Warm | None) -> Evidence:
    state = await visit.change_files("", value, author=visit.spec.ask or "", turn=sample)
    key = f"{visit.key}/{sample}/run"
    return await prove(visit.work, state.commit, argv, key=key, visit=visit, looked=False, warm=warm)


async def _confirmed(visit: Visit, argv: list[str], evidence: Evidence, sample: str) -> Evidence:
    """What the same files show in a fresh box."""
    if not evidence.warm:
        return evidence
    key = f"{visit.key}/{sample}/confirm"
    return await prove(visit.work, evidence.commit, argv, key=key, visit=visit, looked=False)
