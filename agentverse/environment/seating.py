"""Who sits where: seats that stand for several are laid out one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentverse.blueprint.environment import Environment, Seat
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import localize
from agentverse.environment.protocol import Seated
from agentverse.errors import UsageError

MOST_SEATS = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A seat laid out: its name, that of the declared seat, and what is said of it."""

    seat: str
    kind: str
    about: Seat


def lay_out(
    environment: Environment, params: Mapping[str, Any] | None = None, several: Mapping[str, int] | None = None
) -> dict[str, Place]:
    """All seats by name, in order: one that stands for several becomes ``NAME_1``, ``NAME_2`` …

    Args:
        params: values for seats that are as many as a parameter says.
        several: declared seat: how many hold it, for those that are as many as there are roles.

    Raises:
        UsageError: a count that is none.
    """
    places: dict[str, Place] = {}
    for kind, about in environment.seats.items():
        count = _count(kind, about, {**environment.params, **(params or {})}, several or {})
        many = about.several or about.count != 1
        for number in range(1, count + 1):
            seat = f"{kind}_{number}" if many else kind
            places[seat] = Place(seat, kind, about)
    if len(places) > MOST_SEATS:
        what = f"the environment {environment.name!r} has {len(places):,} seats"
        raise UsageError(f"{what}; at most {MOST_SEATS:,} can be")
    return places


def _count(kind: str, about: Seat, params: Mapping[str, Any], several: Mapping[str, int]) -> int:
    if about.several:
        return several.get(kind, 1)
    count = about.count if isinstance(about.count, int) else params.get(about.count)
    least = 0 if isinstance(about.count, str) else 1
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise UsageError(f"there cannot be {count!r} seats {kind!r}; the least is {least}")
    return count


def groups(environment: Environment, places: Mapping[str, Place]) -> dict[str, list[str]]:
    """Declared seat: the seats made of it."""
    found: dict[str, list[str]] = {kind: [] for kind in environment.seats}
    for place in places.values():
        found[place.kind].append(place.seat)
    return found


def seated(places: Mapping[str, Place], holders: Mapping[str, tuple[str, Role]], language: str) -> dict[str, Seated]:
    """Who sits where.

    Args:
        holders: seat: name of the role that sits there, and the role.
    """
    found: dict[str, Seated] = {}
    for seat, place in places.items():
        name, role = holders[seat]
        title = localize(role.title, language) or name
        found[seat] = Seated(seat, name, title, place.about.writes, place.kind, tuple(place.about.acts))
    return found


def names(seats: Mapping[str, Seated]) -> dict[str, str]:
    """Seat: the name its lines begin with. Holders of the same title are told apart by their seats.

    A title may look like a name that was told apart so, for it may come from a model; then it is told apart again.
    """
    count = Counter(held.title for held in seats.values())
    many = Counter(held.kind for held in seats.values())
    found = {seat: _name(held, count, many) for seat, held in seats.items()}
    while len(same := Counter(name.casefold() for name in found.values())) < len(found):
        found = {seat: name if same[name.casefold()] == 1 else f"{name} ({seat})" for seat, name in found.items()}
    return found


def _name(held: Seated, count: Mapping[str, int], many: Mapping[str, int]) -> str:
    if count[held.title] == 1:
        return held.title
    if many[held.kind] == count[held.title]:
        return f"{held.title} {held.seat.rpartition('_')[2]}"
    return f"{held.title} ({held.seat})"
