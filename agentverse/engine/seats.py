"""Who sits where in a phase's environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from agentverse.blueprint.artifacts import Team
from agentverse.blueprint.company import Holders
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role
from agentverse.environment.seating import Place, lay_out
from agentverse.errors import PhaseFailed

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

Held = tuple[str, Role]
"""The name of a role, and the role."""
_LONGEST = 36
"""Characters of a team's name in those of its roles."""


def parameters(visit: Visit, environment: Environment) -> dict[str, Any]:
    """The environment's parameters: its own, laid over by the run's inputs of the same names and by the phase's."""
    given = {name: value for name, value in visit.flow.inputs.items() if name in environment.params}
    given |= {name: visit.evaluate(said) for name, said in visit.spec.inputs.items()}
    return {**environment.params, **{name: like(environment.params.get(name), value) for name, value in given.items()}}


def like(default: Any, value: Any) -> Any:
    """A value that may come from a command line as the type of its default.

    Raises:
        PhaseFailed: it is none.
    """
    if not isinstance(value, str) or isinstance(default, str | None):
        return value
    from agentverse.blueprint.document import read_text

    read = read_text(value, "value").data
    kinds: tuple[type | tuple[type, ...], ...] = (bool, (int, float), list, dict)
    kind = next((kind for kind in kinds if isinstance(default, kind)), None)
    if kind is None or (isinstance(read, kind) and isinstance(read, bool) == isinstance(default, bool)):
        return cast(Any, read)
    raise PhaseFailed(f"{value!r} is not a value like {default!r}", code="inputs")


def holders(visit: Visit, environment: Environment, params: Mapping[str, Any]) -> dict[str, Held]:
    """Who sits where.

    Raises:
        PhaseFailed: the team that is to sit there was not made.
    """
    teams = {kind: _team(visit, said) for kind, said in visit.spec.seats.items() if isinstance(said, Holders)}
    places = lay_out(environment, params, {kind: len(team) for kind, team in teams.items()})
    return {seat: _holder(visit, place, teams) for seat, place in places.items()}


def _team(visit: Visit, said: Holders) -> list[Held]:
    """The members of a team as far as there are seats for them, each with a role of its own."""
    made = visit.state.made.get(said.each)
    if made is None or not isinstance(made.value, Team):
        raise PhaseFailed(f"phase '{visit.name}' seats the team '{said.each}', which was not made", code="no_team")
    found: list[Held] = []
    for number, member in enumerate(made.value.members[: _cap(visit, said)], start=1):
        name = f"{said.each[:_LONGEST]}_{number}"
        found.append((name, Role(name=name, title=member.title, duties=member.duties)))
    return found


def _cap(visit: Visit, said: Holders) -> int | None:
    """How many seats there are at most; None when nothing bounds them.

    Raises:
        PhaseFailed: code ``inputs``; it is no number from 1.
    """
    if said.at_most is None:
        return None
    most = visit.evaluate(said.at_most) if isinstance(said.at_most, str) else said.at_most
    try:
        number = int(str(most).strip())
    except ValueError:
        number = 0
    if number < 1:
        raise PhaseFailed(f"phase '{visit.name}': at most {most!r} seats is no number from 1", code="inputs")
    return number


def _holder(visit: Visit, place: Place, teams: Mapping[str, list[Held]]) -> Held:
    if place.kind in teams:
        return teams[place.kind][int(place.seat.rpartition("_")[2]) - 1]
    said = visit.spec.seats.get(place.seat) or visit.spec.seats.get(place.kind) or place.about.role
    if isinstance(said, Role):
        name = said.name or place.kind
        return name, said.model_copy(update={"name": name, "title": said.title or _words(place.kind)})
    if isinstance(said, str):
        return said, visit.role(said)
    return place.kind, Role(name=place.kind, title=_words(place.kind))


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
