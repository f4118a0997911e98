"""Opens what a run is given by its process: journal, models, sandbox."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentverse.blueprint.tiers import CLOUD
from agentverse.engine.protocol import Host
from agentverse.errors import NoModel, RunNotFound, SettingsError
from agentverse.memory.store import StoreSpec
from agentverse.models.places import is_here
from agentverse.models.prices import Price, load_prices
from agentverse.models.protocol import ChatModel
from agentverse.offline import at_home
from agentverse.settings import config_home
from agentverse.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from agentverse.agents.protocol import Watcher
    from agentverse.journal.protocol import Journal
    from agentverse.models.embeddings.protocol import Embedder
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


def open_embeddings(settings: Settings) -> Embedder:
    """The embeddings that the settings place somewhere; hashing when they place none. Nothing is contacted.

    Raises:
        SettingsError: their settings are wrong, or nothing may leave this machine and texts would.
    """
    from agentverse.models.embeddings.registry import open_embedder

    placed = settings.models.embeddings
    if settings.offline and placed is not None and placed.placed and not is_here(placed):
        raise SettingsError("models.embeddings are not on this machine, and 'offline' is set", fix="Leave them out.")
    if settings.offline and settings.memory.store:
        raise SettingsError(
            "'offline' is set, and of memory.store nothing is known: it may be anywhere", fix="Leave it out."
        )
    return open_embedder(placed.spec() if placed is not None and placed.placed else None)


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
    reachable: bool = False,
    sandbox: SandboxBackend | None = None,
    tools: Sequence[BaseTool] = (),
) -> AsyncGenerator[Host]:
    """Everything a run needs, tried before a token is spent; closed in the end.

    Args:
        models: used instead of those of the settings, and left open.
        watch: is given the tokens as they are generated.
        interactive: a person can be asked in this process.
        reachable: a person may answer from another process; seats held by people wait for that.
        sandbox: used instead of what the settings choose.
        tools: of the program's own, which companies may name.

    Raises:
        NoModel: no model is set for the tier ``edge``.
        SettingsError: the settings say that nothing may leave this machine, and the tier ``edge`` or the journal is
            elsewhere; or they bound the money of a tier whose price is not known.
        SandboxUnavailable: no sandbox works here.
        JournalUnavailable.
    """
    dropped: tuple[str, ...] = ()
    if settings.offline:
        home = at_home(settings, models)
        settings, models, dropped = home.settings, home.models, home.dropped
    prices = prices_of(settings)
    _refuse_unpriced(settings, prices)
    async with AsyncExitStack() as stack:
        opened = models if models is not None else await stack.enter_async_context(open_models(settings))
        if "edge" not in opened:
            raise NoModel("no model is configured for the tier 'edge'", fix="Set models.edge.base_url.")
        if sandbox is None:
            sandbox = await working_sandbox(settings)
        journal = await stack.enter_async_context(open_store(settings, make=True))
        toolbox = Toolbox(settings.tools, tools)
        stack.push_async_callback(toolbox.close)
        embedder = open_embeddings(settings)
        stack.push_async_callback(embedder.close)
        yield Host(
            journal=journal,
            runs=settings.runs.folder.expanduser(),
            models=opened,
            sandbox=sandbox,
            watch=watch,
            interactive=interactive,
            reachable=reachable,
            prices=prices,
            packages=settings.packages,
            embedder=embedder,
            store=StoreSpec(settings.memory.store, settings.memory.options),
            cascade=settings.cascade,
            offline=settings.offline,
            dropped=dropped,
            tools=toolbox,
        )


def prices_of(settings: Settings) -> dict[str, Price]:
    """Tier: its price, as the settings say it, else as the user's price list or the shipped one does.

    Raises:
        SettingsError: the user's list is wrong.
    """
    table = load_prices(config_home())
    found: dict[str, Price] = {}
    for tier, model in settings.models.placed().items():
        price = table.of(model.model, local=is_here(model))
        if model.model_fields_set & {"price_prompt", "price_completion"}:
            price = Price(model.price_prompt, model.price_completion)
        if price is not None:
            found[tier] = price
    return found


def _refuse_unpriced(settings: Settings, prices: Mapping[str, Price]) -> None:
    bounded = settings.cascade.money is not None and CLOUD in settings.models.placed()
    if bounded and not any(prices.get(CLOUD, ())):
        raise SettingsError(
            f"{settings.origin('cascade.money')}: cascade.money bounds what the tier 'cloud' costs, "
            "and its price is not known",
            fix="Set price_prompt and price_completion under [models.cloud], or bound cascade.tokens.",
        )


def _find(journal: str, *, make: bool) -> None:
    """See to it that a journal in a file is there, or can be made."""
    path = Path(journal)
    if "://" in journal or path.exists():
        return
    if not make:
        raise RunNotFound(f"there are no runs yet: {path} does not exist", fix="Make one: agentverse demo")
    path.parent.mkdir(parents=True, exist_ok=True)
