"""Begin, resume and fork runs."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentverse import __version__
from agentverse.agents.purse import Purse
from agentverse.agents.tracing import traced as traced_desk
from agentverse.agents.turn import Desk
from agentverse.blueprint.company import Limits
from agentverse.blueprint.load import Library, Resolved
from agentverse.blueprint.tiers import VISION
from agentverse.engine.budget import RunBudget, seconds_worked
from agentverse.engine.check import check
from agentverse.engine.check_inputs import fitting_inputs
from agentverse.engine.check_tools import known_tools, wanted
from agentverse.engine.choosing import look
from agentverse.engine.drain import Drain
from agentverse.engine.drive import Driver
from agentverse.engine.graph import compile_graph, descendants
from agentverse.engine.kinds import CALLS
from agentverse.engine.languages import Languages
from agentverse.engine.needs import asked_tiers, require_context, require_sight
from agentverse.engine.protocol import Host, RunHandle
from agentverse.engine.shows import PICTURES
from agentverse.engine.state import FileNote, State
from agentverse.engine.supply import PACKAGES
from agentverse.engine.tooling import TOOLS
from agentverse.engine.words import word
from agentverse.engine.work import Work
from agentverse.errors import BlueprintError, CompanyChanged, RunNotFound, UsageError
from agentverse.journal.entries import stream
from agentverse.journal.events import FilesChanged, ModelContact, Note, RunResumed, RunStarted
from agentverse.journal.prompts import PromptBook
from agentverse.journal.protocol import RunJournal
from agentverse.models.tracing import traced
from agentverse.tools.toolbox import Toolbox
from agentverse.workspace.adopt import adopt
from agentverse.workspace.repository import GitRepository

if TYPE_CHECKING:
    from agentverse.workspace.protocol import Repository

REPOSITORY = "repository.git"
"""The product's history, inside the run's folder and outside the workspace."""


async def begin(
    host: Host,
    blueprint: Resolved,
    idea: str,
    *,
    language: str = "en",
    code: str = "",
    inputs: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    source: Path | None = None,
    run: str | None = None,
) -> RunHandle:
    """Start a run of a company on an idea.

    Args:
        code: programming language of the product; "" leaves it to the requirements.
        source: an existing code base to work on; it is copied, never written.
        run: id of the new run; made up when left out.

    Raises:
        BlueprintError: the company cannot be run.
        UsageError: empty idea, an input that is unknown or does not fit, a run of that name exists, a language that
            cannot be used here.
        ModelError: a model cannot be reached.
        ToolServerFailed: an MCP server that agents may use does not start.
        NoModel: its context is too short for the company.
    """
    if not idea.strip():
        raise UsageError("the idea is empty", fix='Say in one line what is wanted: agentverse run "a unit converter"')
    refuse_broken(blueprint, host.tools)
    given = fitting_inputs(blueprint.company, inputs or {}, language=language)
    languages = await look(host.sandbox, blueprint, chosen=code, library=Library.default())
    await host.tools.start(wanted(blueprint))
    contacts = await _contact(host)
    edge = next(iter(host.models.values()))
    require_context(blueprint, language, profile=edge.profile, model=edge.name)
    require_sight(host, blueprint)
    run_id = run or _new_id(idea)
    await _forget_unbegun(host, run_id)
    folder = _make_folder(host.runs, run_id)
    clock = float(int(time.time()))
    repo = GitRepository.create(folder / REPOSITORY)
    journal = await host.journal.create(run_id, company=blueprint.company.name, idea=idea, folder=str(folder))
    skipped: Mapping[str, str] = {}
    adopted: list[str] = []
    if source is None:
        base = await asyncio.to_thread(repo.start, at=int(clock))
    else:
        found = await asyncio.to_thread(adopt, repo, source, at=int(clock))
        base, skipped = found.commit, found.skipped
        adopted = list(repo.tree(base))
    started = RunStarted(
        idea=idea,
        language=language,
        company=blueprint.model_dump(mode="json", exclude_defaults=True),
        revision=blueprint.revision,
        inputs=given,
        settings={
            "limits": (limits or blueprint.company.limits).model_dump(),
            "sandbox": host.sandbox.name,
            "models": {tier: model.name for tier, model in host.models.items()},
            "source": str(source) if source else "",
            "skipped": dict(skipped),
            **languages.settings(),
        },
        product=__version__,
        base=base,
        clock=clock,
    )
    await journal.record("run", started)
    for tier, contact in contacts.items():
        journal.note(f"model/{tier}", contact)
    for tier in _missing_tiers(host, blueprint):
        name = "no_sight" if tier == VISION else "no_tier"
        journal.note(f"model/{tier}", Note(text=word(name, language, tier=tier)))
    if adopted:
        journal.note(
            "adopted",
            FilesChanged(phase="", visit=0, author="you", commit=base, parents=[], written=adopted),
        )
    return _drive(host, journal, repo, blueprint, started, folder, limits)


async def resume(
    host: Host,
    run: str,
    *,
    limits: Limits | None = None,
    as_begun: bool = False,
    blueprint: Resolved | None = None,
) -> RunHandle:
    """Go on with a run that was interrupted or stopped. Nothing that is in its journal is done again.

    Args:
        blueprint: the company as it is now; when it was edited since the run began, the run goes on only with
            ``as_begun``, and then as it was.

    Raises:
        RunNotFound, RunBusy.
        CompanyChanged: see ``blueprint``.
    """
    row = await host.journal.find(run)
    contacts = await _contact(host)
    journal = await host.journal.drive(row.id)
    try:
        started = _started(journal)
        if blueprint is not None and blueprint.revision != started.revision and not as_begun:
            raise CompanyChanged(
                f"company '{blueprint.company.name}' was edited since run {row.id} began",
                fix=f"Go on with the company as it was: agentverse resume {row.id} --as-begun\n"
                f"or try the new one: agentverse fork {row.id} --from PHASE",
            )
        begun = Resolved.model_validate(started.company)
        require_sight(host, begun)
        folder = Path(row.folder)
        repo = GitRepository.open(folder / REPOSITORY)
    except BaseException:
        await journal.close()
        raise
    await journal.record(f"resumed@{journal.epoch}", RunResumed(epoch=journal.epoch))
    for tier, contact in contacts.items():
        journal.note(f"model/{tier}@{journal.epoch}", contact)
    return _drive(host, journal, repo, begun, started, folder, limits)


async def fork(
    host: Host,
    run: str,
    *,
    phase: str,
    blueprint: Resolved | None = None,
    limits: Limits | None = None,
    new_run: str | None = None,
) -> RunHandle:
    """A new run that takes over everything before ``phase`` and does the rest anew. The old run is not touched.

    Raises:
        UsageError: the company has no such phase.
    """
    row = await host.journal.find(run)
    entries = await host.journal.read(row.id)
    before = next((e.event for e in entries if isinstance(e.event, RunStarted)), None)
    if before is None:
        raise RunNotFound(f"run {row.id} holds no beginning to fork from")
    company = blueprint or Resolved.model_validate(before.company)
    refuse_broken(company, host.tools)
    if phase not in company.company.phases:
        known = ", ".join(company.company.phases)
        raise UsageError(f"company '{company.company.name}' has no phase '{phase}'; it has: {known}")
    contacts = await _contact(host)
    require_sight(host, company)
    again = {phase, *descendants(compile_graph(company.company), phase)}
    keep = [e.seq for e in entries if _is_kept(e.key, again)]
    run_id = new_run or _new_id(before.idea)
    folder = _make_folder(host.runs, run_id)
    await asyncio.to_thread(shutil.copytree, Path(row.folder) / REPOSITORY, folder / REPOSITORY)
    if (pictures := Path(row.folder) / PICTURES).is_dir():
        await asyncio.to_thread(shutil.copytree, pictures, folder / PICTURES)
    journal = await host.journal.fork(row.id, new_run=run_id, folder=str(folder), keep=keep)
    started = before.model_copy(
        update={
            "company": company.model_dump(mode="json", exclude_defaults=True),
            "revision": company.revision,
            "product": __version__,
        }
    )
    await journal.record("run", started)
    for tier, contact in contacts.items():
        journal.note(f"model/{tier}", contact)
    repo = GitRepository.open(folder / REPOSITORY)
    return _drive(host, journal, repo, company, started, folder, limits)


def _is_kept(key: str, again: set[str]) -> bool:
    """Whether a fork takes over what is written under a key: all but what its phases do ``again``."""
    phase, numbered, _ = key.partition("#")
    return phase not in again if numbered else key == "adopted" or key.startswith((PACKAGES, TOOLS))


def _drive(
    host: Host,
    journal: RunJournal,
    repo: Repository,
    blueprint: Resolved,
    started: RunStarted,
    folder: Path,
    limits: Limits | None,
) -> RunHandle:
    """Put the parts of a run together and set it going."""
    allowed = limits or Limits.model_validate(started.settings.get("limits", {}))
    for tier in host.dropped:
        journal.note(f"offline/{tier}", Note(text=word("left_out", started.language, tier=tier)))
    drain = Drain()
    behind = replace(host, models={tier: drain.wrap(traced(model)) for tier, model in host.models.items()})
    budget = RunBudget(allowed, worked=seconds_worked(stream(journal)))
    purse = Purse(host.cascade, host.prices, journal)
    desk = Desk(
        journal=journal,
        models=behind.models,
        language=started.language,
        budget=budget,
        book=PromptBook(journal),
        watch=host.watch,
        purse=purse,
    )
    work = Work(
        host=behind,
        journal=journal,
        repo=repo,
        desk=traced_desk(desk, journal.run),
        budget=budget,
        purse=purse,
        idea=started.idea,
        language=started.language,
        clock=started.clock,
        folder=folder,
        latest=started.base,
        languages=Languages.of(started.settings),
    )
    known = journal.recall("adopted")
    files: dict[str, FileNote] = {}
    if known is not None and isinstance(known.event, FilesChanged):
        files = {path: FileNote("", (0, 0, 0)) for path in known.event.written}
    start = State(commit=started.base, files=files)
    inputs: dict[str, Any] = dict(started.inputs)
    return Driver(work, blueprint, start=start, inputs=inputs, folder=folder, drain=drain)


def refuse_broken(blueprint: Resolved, tools: Toolbox | None = None) -> None:
    """See that a company can be run.

    Args:
        tools: there to use; None leaves open which they are.

    Raises:
        BlueprintError: it cannot.
    """
    known = None if tools is None else known_tools(tools)
    problems = check(blueprint, known_calls=CALLS.names(), known_tools=known)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise BlueprintError(errors)


def _missing_tiers(host: Host, blueprint: Resolved) -> list[str]:
    """Tiers that phases or roles ask for and no model is configured for."""
    return sorted(asked_tiers(blueprint) - set(host.models) - set(host.dropped))


async def _contact(host: Host) -> dict[str, ModelContact]:
    contacts: dict[str, ModelContact] = {}
    for tier, model in host.models.items():
        facts = dict(await model.contact())
        contacts[tier] = ModelContact(
            tier=tier,
            provider=model.provider,
            name=model.name,
            url=str(facts.pop("url", "")),
            context=model.profile.context,
            facts=facts,
        )
    return contacts


def _started(journal: RunJournal) -> RunStarted:
    known = journal.recall("run")
    if known is None or not isinstance(known.event, RunStarted):
        raise RunNotFound(
            f"run {journal.run} was ended before anything was written down", fix="Begin it again: agentverse run …"
        )
    return known.event


async def _forget_unbegun(host: Host, run: str) -> None:
    """Make room for a run of this name when all there is of it was written before it began."""
    rows = [row for row in await host.journal.runs() if row.id == run and not row.events]
    if rows:
        await host.journal.prune([run])


def _new_id(idea: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in idea.lower()).split()
    slug = "-".join(words[:4])[:32] or "run"
    return f"{time.strftime('%m%d-%H%M')}-{slug}-{secrets.token_hex(2)}"


def _make_folder(runs: Path, run: str) -> Path:
    folder = runs / run
    try:
        if folder.is_dir() and {path.name for path in folder.iterdir()} <= {REPOSITORY}:
            # Left by a process that was killed before it wrote anything down.
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"there is a run '{run}' already", fix=f"Go on with it: agentverse resume {run}") from None
    except OSError as error:
        raise UsageError(f"the folder of the run cannot be made: {error}") from error
    return folder.resolve()
