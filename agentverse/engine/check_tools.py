"""Checks of the lists that say which tools may be used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agentverse.blueprint.company import Phase
from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.environment import Environment, Seat
from agentverse.blueprint.explain import did_you_mean
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.role import Role
from agentverse.engine.allowed import allowed, files_of
from agentverse.engine.check_report import Report
from agentverse.tools.registry import EDITS, PAGES, RECORDED
from agentverse.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class KnownTools:
    """What there is to use here.

    Attributes:
        names: of single tools.
        servers: names of the MCP servers that are set up.
        pages: whether pages may be fetched from anywhere.
    """

    names: Collection[str]
    servers: Collection[str] = ()
    pages: bool = False


def known_tools(toolbox: Toolbox) -> KnownTools:
    """What a toolbox holds."""
    policy = toolbox.policy
    return KnownTools(toolbox.names(), list(policy.mcp), pages=bool(policy.hosts))


@dataclass(frozen=True, slots=True)
class Fault:
    """A name that leads to no tool, or to one that is off."""

    what: str
    fix: str
    severity: str = "error"


def check_tools(report: Report, known: KnownTools | None) -> None:
    """Each name must lead to a tool, and each tool to somebody who may use it.

    Args:
        known: None: whether the tools exist is not checked.
    """
    for name, phase in report.phases.items():
        at: FieldPath = ("phases", name, "tools")
        for index, tool in enumerate(phase.tools or ()):
            _exists(report, (*at, index), tool, known)
            if tool == EDITS and phase.kind in ("ask", "meet") and not files_of(phase):
                what = f"{EDITS!r} changes files, and this phase produces none."
                report.error((*at, index), what, "produces: {NAME: edits}")
            if tool == RECORDED and not _recorded(report, phase):
                what = f"{tool!r} shows the recording of an environment, and here is none."
                report.error((*at, index), what, "meet: NAME, an environment that says 'recording'")
    used = _used(report)
    for role, spec in report.resolved.roles.items():
        for index, tool in enumerate(spec.tools):
            path: FieldPath = ("roles", role, "tools", index)
            _exists(report, path, tool, known)
            if (role, tool) not in used and _in_place(report, role):
                report.error(path, f"nobody may use {tool!r}: no phase in which {role!r} takes part leaves it to it.")
    for name, environment in report.resolved.environments.items():
        for at, tool in seat_tools(environment):
            _exists(report, ("environments", name, *at), tool, known)


def _recorded(report: Report, phase: Phase) -> bool:
    """Whether a phase meets in an environment that has a recording."""
    known = report.resolved.environments
    return any(name in known and known[name].recording for name in phase.meets_in)


def _in_place(report: Report, role: str) -> bool:
    """Whether a role is written in the company's own file; one that is shared may have tools for other companies."""
    return report.resolved.place(("roles", role)).file == report.resolved.place(("phases",)).file


def seat_tools(environment: Environment) -> Iterator[tuple[FieldPath, str]]:
    """Each tool that a seat names, with its place in the environment."""
    for seat, spec in environment.seats.items():
        for index, tool in enumerate(spec.tools or ()):
            yield ("seats", seat, "tools", index), tool


def wanted(resolved: Resolved) -> set[str]:
    """Names of all tools that some turn of a company may use, or of a company that it calls."""
    found = {tool for _, tool in _used(Report(resolved))}
    return found.union(*map(wanted, resolved.companies.values()))


def _used(report: Report) -> set[tuple[str, str]]:
    """Each role with the tools that its turns may use."""
    used: set[tuple[str, str]] = set()
    for phase in report.phases.values():
        for role, seat in _turns(report, phase):
            spec = report.resolved.roles.get(role) if isinstance(role, str) else role
            if spec is not None:
                used |= {(role if isinstance(role, str) else role.name, tool) for tool in allowed(phase, spec, seat)}
    return used


def _turns(report: Report, phase: Phase) -> Iterator[tuple[str | Role, Seat | None]]:
    if phase.ask is not None:
        yield phase.ask, None
    for name in phase.meets_in:
        environment = report.resolved.environments.get(name)
        for seat, about in environment.seats.items() if environment is not None else ():
            held = phase.seats.get(seat) or about.role
            if isinstance(held, str | Role):
                yield held, about


def _exists(report: Report, path: FieldPath, tool: str, known: KnownTools | None) -> None:
    fault = tool_fault(tool, known) if known is not None else None
    if fault is not None:
        (report.error if fault.severity == "error" else report.warning)(path, fault.what, fault.fix)


def tool_fault(tool: str, known: KnownTools) -> Fault | None:
    """What is wrong with naming a tool."""
    if tool in known.names:
        if tool == PAGES and not known.pages:
            return Fault("'fetch_page' is off.", 'Name the hosts it may ask: [tools] hosts = ["…"].', "warning")
        return None
    server, dot, _ = tool.partition(".")
    if not dot:
        there = ", ".join(sorted(known.names))
        return Fault(f"there is no tool {tool!r}.", did_you_mean(tool, known.names) or f"There are: {there}.")
    if server not in known.servers:
        near = did_you_mean(server, known.servers)
        return Fault(f"no MCP server {server!r} is set up.", near or f"Set it up: [tools.mcp.{server}].")
    return None
