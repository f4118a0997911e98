"""The state of the world: typed fields that only declared actions and stages change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from agentverse import templates
from agentverse.blueprint.acting import WorldField
from agentverse.blueprint.environment import Environment
from agentverse.environment.chance import shuffled
from agentverse.errors import UsageError

TARGET = re.compile(r"^\s*([a-z][a-z0-9_]*)\s*(?:\[(.+)\])?\s*$", re.DOTALL)
"""A field that is changed, or one entry of it: ``price``, ``money[me]``."""


def begin(
    environment: Environment, params: Mapping[str, Any], groups: Mapping[str, Sequence[str]], seed: int
) -> dict[str, Any]:
    """The world as it is at first.

    Args:
        groups: declared seat: the seats made of it.

    Raises:
        UsageError: more seats than there is to deal, or an expression that cannot be worked out.
    """
    world: dict[str, Any] = {}
    for name in environment.world:
        spec = environment.field(name)
        if spec.each is False:
            world[name] = _one(name, spec, {**params, **world})
        else:
            world[name] = _each(name, spec, _members(spec, groups), {**params, **world}, seed)
    return world


def _members(spec: WorldField, groups: Mapping[str, Sequence[str]]) -> list[str]:
    wanted = list(groups) if spec.each is True else cast("list[str]", spec.each)
    return [seat for name in wanted for seat in groups.get(name, [name])]


def _one(name: str, spec: WorldField, known: Mapping[str, Any]) -> Any:
    return _copy(spec.start) if spec.value is None else _worked_out(name, spec.value, known)


def _each(name: str, spec: WorldField, seats: Sequence[str], known: Mapping[str, Any], seed: int) -> dict[str, Any]:
    if spec.deal is not None:
        if len(spec.deal) < len(seats):
            raise UsageError(f"the world deals {len(spec.deal)} of {name!r}, and {len(seats)} seats are to get one")
        return dict(zip(seats, shuffled(spec.deal[: len(seats)], seed, "deal", name), strict=False))
    if spec.value is not None:
        return {seat: _worked_out(name, spec.value, {**known, "me": seat}) for seat in seats}
    start: object = spec.start
    if isinstance(start, dict):
        given = cast("dict[str, Any]", start)
        return {seat: _copy(given.get(seat, spec.otherwise)) for seat in seats}
    return {seat: _copy(spec.start) for seat in seats}


def _worked_out(name: str, expression: str, known: Mapping[str, Any]) -> Any:
    try:
        return templates.evaluate(expression, known)
    except templates.TemplateError as error:
        raise UsageError(f"the world's {name!r} cannot be worked out: {error}") from error


def changed(world: dict[str, Any], changes: Mapping[str, str], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Change the world; returns what is new, by field or ``field[entry]``. Each change sees those before it.

    Args:
        changes: field or ``field[EXPRESSION]``: expression.
        variables: what expressions may name beside the world.

    Raises:
        UsageError: a field that is not there, a value of another type, or an expression that cannot be worked out.
    """
    done: dict[str, Any] = {}
    for target, expression in changes.items():
        found = TARGET.match(target)
        if found is None or found[1] not in world:
            raise UsageError(f"the world has no field {target!r}", fix=f"It has: {', '.join(world)}.")
        name = found[1]
        known = {**variables, **world}
        value = _worked_out(name, expression, known)
        if found[2] is None:
            world[name] = _same_type(target, world[name], value)
            done[name] = world[name]
            continue
        entry = _worked_out(name, found[2], known)
        held = world[name]
        if not isinstance(held, dict) or not isinstance(entry, str) or entry not in held:
            raise UsageError(f"the world's {name!r} has no entry {entry!r}")
        entries = cast("dict[str, Any]", held)
        entries[entry] = _same_type(target, entries[entry], value)
        done[f"{name}[{entry}]"] = entries[entry]
    return done


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is another value than it was, by field or ``field[entry]``, as `changed` returns it."""
    found: dict[str, Any] = {}
    for name, value in after.items():
        was: object = before.get(name)
        if value == was:
            continue
        if isinstance(value, dict) and isinstance(was, dict) and was.keys() == cast("dict[str, Any]", value).keys():
            entries = cast("dict[str, Any]", value)
            known = cast("dict[str, Any]", was)
            found |= {f"{name}[{entry}]": _copy(one) for entry, one in entries.items() if one != known[entry]}
        else:
            found[name] = _copy(value)
    return found


def _same_type(target: str, before: Any, after: Any) -> Any:
    """``after``, when it is of the type that the field has had."""
    if before is None or after is None:
        return _copy(after)
    kinds: tuple[tuple[type, ...], ...] = ((bool,), (int, float), (str,), (list, tuple), (dict,))
    for kind in kinds:
        if isinstance(before, kind):
            if isinstance(after, kind) and (kind == (bool,) or not isinstance(after, bool)):
                return _copy(after)
            raise UsageError(f"the world's {target!r} is {_called(before)} and cannot become {_called(after)}")
    return _copy(after)


def _called(value: Any) -> str:
    names: tuple[tuple[type, str], ...] = (
        *((bool, "yes or no"), (int, "a number"), (float, "a number"), (str, "text")),
        *((list, "a list"), (tuple, "a list")),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "a mapping")


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_copy(inner) for inner in cast("list[Any]", value)]
    return value


def snapshot(world: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that later changes do not touch."""
    return cast("dict[str, Any]", _copy(dict(world)))
