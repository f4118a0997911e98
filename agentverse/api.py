"""The way in for a program: run a company on an idea."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agentverse.agents.protocol import Watcher
from agentverse.blueprint.company import Limits
from agentverse.blueprint.load import Library, Resolved
from agentverse.blueprint.text import localize
from agentverse.engine.protocol import RunHandle, RunResult
from agentverse.host import open_host
from agentverse.journal.events import Entry
from agentverse.models.protocol import ChatModel
from agentverse.settings import Settings, load_settings
from agentverse.settings_layers import TIERS

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

ModelChoice = str | ChatModel | Mapping[str, Any]
"""A model in its short form, a model, the fields of one, or ``{tier: model}``."""


class Company:
    """A company that can be run.

    Args:
        blueprint: the company and everything it uses.
    """

    def __init__(self, blueprint: Resolved) -> None:
        self.blueprint = blueprint

    @classmethod
    def load(cls, name_or_path: str | Path, *, project: Path | None = None) -> Company:
        """By name, or by the path of its file.

        Args:
            project: folder whose own companies, roles and environments come first; the working directory when left out.

        Raises:
            BlueprintError: with all problems of all files concerned.
        """
        return cls(Library.default(project).company(str(name_or_path)))

    @staticmethod
    def names(*, project: Path | None = None) -> list[str]:
        """Companies there are to run."""
        return [source.name for source in Library.default(project).names("company")]

    @property
    def name(self) -> str:
        return self.blueprint.company.name

    def title(self, language: str = "en") -> str:
        return localize(self.blueprint.company.title, language) or self.name

    def __repr__(self) -> str:
        return f"Company({self.name!r})"


async def run(
    idea: str,
    company: str | Path | Company = "software",
    *,
    model: ModelChoice | None = None,
    settings: Settings | None = None,
    folder: Path | None = None,
    language: str | None = None,
    code: str = "",
    inputs: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    source: Path | None = None,
    name: str | None = None,
    watch: Watcher | None = None,
    interactive: bool = False,
    tools: Sequence[BaseTool] = (),
) -> RunHandle:
    """Set a company to work on an idea. Returns at once; iterate the handle, or await its ``result()``.

    Args:
        model: instead of the models of the settings.
        settings: as `agentverse.settings.load_settings` reads them when left out.
        folder: where runs are kept; ``./agentverse-runs`` unless the settings say otherwise.
        language: of prompts and report, ``en`` or ``zh``.
        code: programming language of the product, such as ``go``; "" leaves it to the requirements.
        inputs: values the company asks for.
        limits: instead of the company's own and those of the settings.
        source: an existing code base to work on; it is copied, never written.
        name: id of the run.
        watch: is given the tokens as they are generated.
        interactive: somebody answers gates through the handle.
        tools: of LangChain, which roles, phases and seats may name as they name the built-in ones.

    Raises:
        BlueprintError, SettingsError, NoModel, SandboxUnavailable, ModelError: it cannot begin; nothing was spent.
    """
    from agentverse.engine.run import begin

    settings = load_settings() if settings is None else settings
    if folder is not None:
        settings = settings.with_folder(folder)
    chosen = company if isinstance(company, Company) else Company.load(company)
    stack = AsyncExitStack()
    try:
        models = None if model is None else await _models(model, stack)
        opened = open_host(settings, models=models, watch=watch, interactive=interactive, tools=tools)
        host = await stack.enter_async_context(opened)
        handle = await begin(
            host,
            chosen.blueprint,
            idea,
            language=language or settings.language,
            code=code,
            inputs=inputs,
            limits=limits or settings.bounds(chosen.blueprint.company.limits),
            source=source,
            run=name,
        )
    except BaseException:
        await stack.aclose()
        raise
    return _Owned(handle, stack)


def run_sync(
    idea: str,
    company: str | Path | Company = "software",
    *,
    on_entry: Callable[[Entry], None] | None = None,
    **options: Any,
) -> RunResult:
    """As `run`, for a program without a loop: returns when the run has ended.

    Args:
        on_entry: called with each entry of the journal as it is committed.
        options: those of `run`.
    """

    async def whole() -> RunResult:
        handle = await run(idea, company, **options)
        try:
            if on_entry is not None:
                async for entry in handle:
                    on_entry(entry)
            return await handle.result()
        except BaseException:
            await handle.stop(now=True)
            await handle.result()
            raise

    return asyncio.run(whole())


class _Owned:
    """A run whose host is closed once it has ended."""

    def __init__(self, handle: RunHandle, stack: AsyncExitStack) -> None:
        self.id, self.folder = handle.id, handle.folder
        self._handle, self._stack = handle, stack

    async def __aiter__(self) -> AsyncIterator[Entry]:
        async for entry in self._handle:
            yield entry
        await self.result()

    async def result(self) -> RunResult:
        result = await self._handle.result()
        await self._stack.aclose()
        return result

    async def stop(self, *, now: bool = False) -> None:
        await self._handle.stop(now=now)

    async def answer(self, gate: str, *, text: str = "", choice: str = "") -> None:
        await self._handle.answer(gate, text=text, choice=choice)


async def _models(choice: ModelChoice, stack: AsyncExitStack) -> dict[str, ChatModel]:
    """Tier: model. A model that was handed in stays open; the others are closed by ``stack``."""
    from agentverse.models.registry import open_model

    by_tier = choice if isinstance(choice, Mapping) and set(choice) <= set(TIERS) else {"edge": choice}
    models: dict[str, ChatModel] = {}
    for tier in TIERS:
        one = by_tier.get(tier)
        if isinstance(one, str | Mapping):
            models[tier] = await open_model(cast("str | Mapping[str, Any]", one))
            stack.push_async_callback(models[tier].close)
        elif one is not None:
            models[tier] = cast(ChatModel, one)
    return models
