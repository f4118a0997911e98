"""Checks of what agents are to remember."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.memory import MemorySpec
from agentverse.blueprint.role import Role
from agentverse.engine.check_report import Report
from agentverse.memory.registry import Fault, memory_faults


def check_memory(report: Report) -> None:
    """The memories of the company's phases, and of the roles and environments it uses."""
    for name, phase in report.phases.items():
        _report(report, ("phases", name, "memory"), phase.memory)
    for name, role in report.resolved.roles.items():
        _report(report, ("roles", name, "memory"), role.memory)
    for name, environment in report.resolved.environments.items():
        for seat, held in environment.seats.items():
            _report(report, ("environments", name, "seats", seat, "memory"), held.memory)


def part_faults(part: BaseModel | None) -> Iterator[tuple[FieldPath, Fault]]:
    """The same for the file of a role or an environment by itself: each fault with its path in the file."""
    specs: dict[FieldPath, MemorySpec | None] = {}
    if isinstance(part, Role):
        specs["memory",] = part.memory
    if isinstance(part, Environment):
        specs = {("seats", seat, "memory"): held.memory for seat, held in part.seats.items()}
    for at, spec in specs.items():
        for fault in memory_faults(spec):
            yield (*at, *fault.at), fault


def _report(report: Report, at: FieldPath, spec: MemorySpec | None) -> None:
    for fault in memory_faults(spec):
        path = (*at, *fault.at)
        report.error(path, fault.what, fault.fix, at_key=is_key(path))


def is_key(path: FieldPath) -> bool:
    """Whether a fault of a memory is of a name that is a key; a name by itself is a value."""
    return isinstance(path[-1], str) and path[-1] != "memory"
