"""Everything that can be found wrong with a company before a token is spent."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.load import Kind, Library
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.role import Role
from agentverse.blueprint.sources import FOLDERS, as_path
from agentverse.engine.check_environment import environment_faults
from agentverse.engine.check_graph import check_graph
from agentverse.engine.check_inputs import check_inputs
from agentverse.engine.check_memory import check_memory, is_key, part_faults
from agentverse.engine.check_phases import check_phases
from agentverse.engine.check_reads import check_reads
from agentverse.engine.check_report import Report
from agentverse.engine.check_tools import KnownTools, check_tools, seat_tools, tool_fault
from agentverse.errors import Problem


def check(
    resolved: Resolved,
    *,
    known_calls: Collection[str] | None = None,
    known_tools: KnownTools | None = None,
) -> list[Problem]:
    """Return what is wrong with a company and with those it calls, in the order of the files.

    Args:
        known_calls: functions registered for ``call`` phases; None: not checked.
        known_tools: tools there are to use; None: whether they exist is not checked.
    """
    report = Report(resolved)
    check_inputs(report)
    check_phases(report, known_calls)
    check_tools(report, known_tools)
    check_memory(report)
    for name, environment in resolved.environments.items():
        for fault in environment_faults(environment):
            report.error(("environments", name, *fault.path), fault.what, fault.fix, at_key=fault.at_key)
    graph = check_graph(report)
    if graph is not None:
        check_reads(report, graph)
    problems = list(report.problems)
    for inner in resolved.companies.values():
        problems += check(inner, known_calls=known_calls, known_tools=known_tools)
    return in_order(problems)


def validate(
    name_or_path: str,
    library: Library,
    *,
    known_calls: Collection[str] | None = None,
    known_tools: KnownTools | None = None,
    text: str | None = None,
) -> list[Problem]:
    """Load and check a company, a role, an environment or a language; a bad file is never an exception.

    Args:
        name_or_path: a name is looked for among companies, environments, roles and languages, in this order.
        text: what is checked in place of the file's content.
    """
    kind, path = _meant(name_or_path, library)
    if kind != "company" and path is not None:
        part, document = library.part(kind, path, text=text)
        if isinstance(part, Environment):
            for fault in environment_faults(part):
                document.problems.append(document.problem(fault.path, fault.what, fault.fix, at_key=fault.at_key))
        if known_tools is not None:
            named = [(at, tool_fault(tool, known_tools)) for at, tool in _tools_of(part)]
            document.problems += [document.problem(at, fault.what, fault.fix) for at, fault in named if fault]
        for at, fault in part_faults(part):
            document.problems.append(document.problem(at, fault.what, fault.fix, at_key=is_key(at)))
        return in_order(document.problems)
    loaded = library.load(name_or_path, text=text)
    problems = list(loaded.problems)
    if loaded.resolved is not None:
        known = {(problem.file, problem.line, problem.column) for problem in problems}
        found = check(loaded.resolved, known_calls=known_calls, known_tools=known_tools)
        problems += [problem for problem in found if (problem.file, problem.line, problem.column) not in known]
    return in_order(problems)


def _tools_of(part: object) -> list[tuple[FieldPath, str]]:
    """The tools that a role or an environment names, with their places in its file."""
    if isinstance(part, Environment):
        return list(seat_tools(part))
    return [(("tools", index), tool) for index, tool in enumerate(part.tools)] if isinstance(part, Role) else []


def in_order(problems: Collection[Problem]) -> list[Problem]:
    """Each problem once; files in order of appearance, then by line and column."""
    files = {file: index for index, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
    return sorted(dict.fromkeys(problems), key=lambda p: (files[p.file], p.line, p.column))


def _meant(name_or_path: str, library: Library) -> tuple[Kind, Path | None]:
    """The kind of thing that is meant, and its file when it is no company."""
    path = as_path(name_or_path)
    if path is not None:
        folder = path.resolve().parent.name
        kinds: dict[str, Kind] = {name: kind for kind, name in FOLDERS.items()}
        return kinds.get(folder, "company"), path
    order: tuple[Kind, ...] = ("company", "environment", "role", "language")
    for kind in order:
        source = library.find(kind, name_or_path)
        if source is not None:
            return kind, source.path
    return "company", None
