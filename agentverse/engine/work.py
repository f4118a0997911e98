"""What all parts of one run share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agentverse.agents.protocol import TakesTurns
from agentverse.agents.purse import Purse
from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.tiers import VISION
from agentverse.engine.budget import RunBudget
from agentverse.engine.languages import Languages
from agentverse.engine.protocol import Host
from agentverse.engine.state import Stamp
from agentverse.journal.events import FilesChanged, GateAnswered
from agentverse.journal.protocol import RunJournal
from agentverse.sandbox.protocol import Provision
from agentverse.workspace.protocol import Repository

if TYPE_CHECKING:
    from agentverse.engine.remembering import Diary
    from agentverse.engine.visit import Visit


@dataclass(frozen=True, slots=True)
class Seen:
    """Evidence and the commit it is about."""

    evidence: Evidence
    commit: str
    command: tuple[str, ...]
    stamp: Stamp
    visit: Visit
    """The visit that ran the command; it may be one of an inner company."""


@dataclass(slots=True)
class Work:
    """One run in this process: its journal, files, desk, limits."""

    host: Host
    journal: RunJournal
    repo: Repository
    desk: TakesTurns
    budget: RunBudget
    purse: Purse
    idea: str
    language: str
    clock: float
    """Unix time at which the run began; commits count from here, so that the same run makes the same commits."""
    folder: Path
    """The run's."""
    languages: Languages = field(default_factory=Languages)
    """Programming languages; ``language`` is the people's."""
    toolchains: set[str] = field(default_factory=set[str])
    """Programming languages whose toolchain this process has seen."""
    seen: list[Seen] = field(default_factory=list[Seen])
    latest: str = ""
    """The commit last written, for a run that ends before any evidence."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the run was asked to stop. A time that runs out from then on decides nothing."""
    provisions: dict[tuple[str, ...], Provision] = field(default_factory=dict[tuple[str, ...], Provision])
    """Requirements: what shows a product the packages that they led to."""
    diaries: dict[str, Diary] = field(default_factory=dict[str, "Diary"])
    """Phase and item: what the role that is asked there remembers of its earlier visits."""
    gates: dict[str, asyncio.Future[GateAnswered]] = field(default_factory=dict[str, "asyncio.Future[GateAnswered]"])

    @property
    def tiers(self) -> list[str]:
        """In order of escalation."""
        return list(self.host.models)

    @property
    def sees(self) -> bool:
        """Whether there is a tier for pictures, whose model is not known to see none."""
        model = self.host.models.get(VISION)
        return model is not None and model.profile.sees is not False

    def tier_above(self, tier: str, steps: int = 1) -> str:
        """The tier ``steps`` above, or the highest there is. The tier for pictures is not on the ladder."""
        ladder = [name for name in self.tiers if name != VISION]
        if tier not in ladder:
            return tier
        return ladder[min(ladder.index(tier) + steps, len(ladder) - 1)]

    async def unless_stopping(self) -> None:
        """Return at once, or never when the run is being stopped: then it is cancelled here, and what would follow is
        left to the run that is resumed.
        """
        if self.stopping.is_set():
            await asyncio.Event().wait()

    async def merge(self, commits: Sequence[str], *, phase: str, visit: int, key: str, at: int) -> str:
        """Join commits; a new one is an event."""
        merged = await asyncio.to_thread(self.repo.merge, commits, message=f"Join before {phase}", at=at)
        if merged.commit not in commits:
            self.journal.note(
                f"{key}/join",
                FilesChanged(
                    phase=phase,
                    visit=visit,
                    author="agentverse",
                    commit=merged.commit,
                    parents=list(commits),
                    conflicts=list(merged.conflicts),
                ),
            )
        return merged.commit

    def best(self) -> Seen | None:
        """The best evidence so far; of equals the latest."""
        return max(self.seen, key=lambda seen: (seen.evidence.score, seen.stamp), default=None)
