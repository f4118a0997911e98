"""What the command line, the page and a library user get from the engine. `agentverse.engine.run` begins, resumes and
forks runs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agentverse.agents.protocol import Watcher
from agentverse.blueprint.artifacts import Evidence
from agentverse.journal.events import Entry, SceneEnded, Usage
from agentverse.journal.protocol import Journal
from agentverse.memory.store import StoreSpec
from agentverse.models.cascade import Cascade
from agentverse.models.embeddings.hashing import HashingEmbedder
from agentverse.models.embeddings.protocol import Embedder
from agentverse.models.protocol import ChatModel
from agentverse.report.model import TierReport
from agentverse.sandbox.packages.policy import PackagePolicy
from agentverse.sandbox.protocol import SandboxBackend
from agentverse.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Host:
    """What a run is given by the process it lives in."""

    journal: Journal
    runs: Path
    """Folder of the runs: ``./agentverse-runs``."""
    models: Mapping[str, ChatModel]
    """Tier: model, in order of escalation."""
    sandbox: SandboxBackend
    watch: Watcher | None = None
    interactive: bool = False
    """A person can be asked in this process; otherwise gates wait for another one, or take their default."""
    reachable: bool = False
    """A person may answer from another process; seats held by people wait for that, and pass otherwise."""
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    """Tier: price of a million prompt and of a million completion tokens, where it is known."""
    packages: PackagePolicy = field(default_factory=PackagePolicy)
    """Which packages products may have."""
    embedder: Embedder = field(default_factory=HashingEmbedder)
    """Where memories get vectors of texts."""
    store: StoreSpec = field(default_factory=StoreSpec)
    """Where agents that recall things keep them."""
    cascade: Cascade = field(default_factory=Cascade)
    """When a stronger model is asked, and what it may cost."""
    offline: bool = False
    """Nothing may leave this machine."""
    dropped: tuple[str, ...] = ()
    """Tiers that are configured and left out, because their models are somewhere else."""
    tools: Toolbox = field(default_factory=Toolbox)
    """What agents may use, where a company lets them."""

    @property
    def attended(self) -> bool:
        """A person watches, or can be asked: calls for them go before those of runs that nobody waits for."""
        return self.interactive or self.watch is not None


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended."""

    run: str
    outcome: str
    """``succeeded``, ``failed`` or ``stopped``."""
    reason: str
    folder: Path
    """``agentverse-runs/<id>``."""
    product: Path | None
    """The delivered software; None when there is none."""
    start: str
    """Command that starts it; "" when unknown."""
    evidence: Evidence | None
    """The last and best evidence."""
    usage: Usage
    turns: int
    seconds: float
    cost: float
    report: Path | None
    scene: SceneEnded | None = None
    """How it went, for an environment that ran by itself."""
    tiers: tuple[TierReport, ...] = ()
    """What each tier was asked."""
    saved: float | None = None
    """What it saved that the edge answered, at the price of the tier ``cloud``; None when that is not known."""
    environment: str = ""
    """The environment that ran by itself; "" for a company that makes something."""
    limit: str = ""
    """The limit that ended it: ``tokens``, ``turns`` or ``minutes``; a resumed run with a higher one goes on."""


class RunHandle(Protocol):
    """A run at work in this process. Iterating yields entries as they are committed, from the first."""

    id: str
    folder: Path

    def __aiter__(self) -> AsyncIterator[Entry]: ...

    async def result(self) -> RunResult:
        """Wait for the end. Never raises for a run that fails; that is an outcome."""
        ...

    async def stop(self, *, now: bool = False) -> None:
        """End in order: no new calls, calls in flight are given ten seconds (none with ``now``), then cancelled."""
        ...

    async def answer(self, gate: str, *, text: str = "", choice: str = "") -> None:
        """Answer the open gate with the key ``gate``."""
        ...
