"""Opens what a run is given by its process: journal, models, sandbox."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentverse.engine.protocol import Host
from agentverse.errors import NoModel, RunNotFound
from agentverse.models.protocol import ChatModel

if TYPE_CHECKING:
    from agentverse.agents.protocol import Watcher
    from agentverse.journal.protocol import Journal
    from agentverse.sandbox.protocol import SandboxBackend
    from agentverse.settings import Settings


@asynccontextmanager
async def open_store(settings: Settings, *, make: bool = False) -> AsyncGenerator[Journal]:
    """The journal that the settings name; closed in the end.

    Args:
        make: make it when it is missing.

    Raises:
        RunNotFound: there is no journal, so there are no runs.
        JournalUnavailable, SettingsError.
    """
    _find(settings.journal, make=make)
    from agentverse.journal.store import open_journal

    journal = await open_journal(settings.journal)
    try:
        yield journal
    finally:
        await journal.close()


@asynccontextmanager
async def open_models(settings: Settings) -> AsyncGenerator[dict[str, ChatModel]]:
    """The models of all tiers that the settings place somewhere, in order of escalation; closed in the end.

    Nothing is contacted.

    Raises:
        SettingsError: a tier's settings are wrong.
    """
    from agentverse.models.registry import open_model

    async with AsyncExitStack() as stack:
        models: dict[str, ChatModel] = {}
        for tier, placed in settings.models.placed().items():
            models[tier] = await open_model(placed.spec())
            stack.push_async_callback(models[tier].close)
        yield models


async def working_sandbox(settings: Settings) -> SandboxBackend:
    """The sandbox that the settings choose, tried.

    Raises:
        SandboxUnavailable: none works here.
    """
    from agentverse.sandbox.registry import choose

    wanted = settings.sandbox
    return await choose(wanted.named, minimum=wanted.least, image=wanted.image, runtime=wanted.runtime)


@asynccontextmanager
async def open_host(
    settings: Settings,
    *,
    models: Mapping[str, ChatModel] | None = None,
    watch: Watcher | None = None,
    interactive: bool = False,
    sandbox: SandboxBackend | None = None,
    journal: Journal | None = None,
) -> AsyncGenerator[Host]:
    """Everything a run needs, tried before a token is spent; closed in the end.

    Args:
        models: used instead of those of the settings, and left open.
        watch: is given the tokens as they are generated.
        interactive: a person can be asked in this process.
        sandbox: used instead of what the settings choose.
        journal: used instead of the one that the settings name, and left open.

    Raises:
        NoModel: no model is set for the tier ``edge``.
        SandboxUnavailable: no sandbox works here.
        JournalUnavailable, SettingsError.
    """
    async with AsyncExitStack() as stack:
        opened = models if models is not None else await stack.enter_async_context(open_models(settings))
        if "edge" not in opened:
            raise NoModel("no model is configured for the tier 'edge'", fix="Set models.edge.base_url.")
        if sandbox is None:
            sandbox = await working_sandbox(settings)
        if journal is None:
            journal = await stack.enter_async_context(open_store(settings, make=True))
        placed = settings.models.placed()
        yield Host(
            journal=journal,
            runs=settings.runs.folder.expanduser(),
            models=opened,
            sandbox=sandbox,
            watch=watch,
            interactive=interactive,
            prices={tier: (model.price_prompt, model.price_completion) for tier, model in placed.items()},
            packages=settings.packages,
        )


def _find(journal: str, *, make: bool) -> None:
    """See to it that a journal in a file is there, or can be made."""
    path = Path(journal)
    if "://" in journal or path.exists():
        return
    if not make:
        raise RunNotFound(f"there are no runs yet: {path} does not exist", fix="Make one: agentverse demo")
    path.parent.mkdir(parents=True, exist_ok=True)
