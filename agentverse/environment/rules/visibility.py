"""Who hears what is said."""

from __future__ import annotations

from pydantic import Field, PrivateAttr

from agentverse.blueprint.environment import Environment
from agentverse.environment.chance import shuffled
from agentverse.environment.protocol import Line
from agentverse.environment.registry import Rule, rule, unknown_seat
from agentverse.environment.rules.order import faulty_groups, grouped
from agentverse.environment.scene import Scene


@rule("visibility", "all")
class HeardByAll(Rule):
    """Everybody hears everything."""

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        return frozenset(scene.seats)


@rule("visibility", "self")
class HeardBySelf(Rule):
    """Nobody hears anybody else."""

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        return frozenset({line.seat})


@rule("visibility", "pairs")
class Pairs(Rule):
    """Two and two hear each other, and nobody else does. A seat may be in several pairs."""

    pairs: list[list[str]] = Field(min_length=1)
    """``[[a, b], [a, c]]``."""

    def check_in(self, environment: Environment) -> str | None:
        for pair in self.pairs:
            if len(pair) != 2 or pair[0] == pair[1]:
                return f"a pair is two different seats, not {pair}"
            if wrong := unknown_seat(environment, *pair):
                return wrong
        return None

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        members: dict[str, list[str]] = scene.params["members"]
        heard: set[str] = set()
        for pair in self.pairs:
            one, two = (members.get(name, [name]) for name in pair)
            heard |= set(two) if line.seat in one else set(one) if line.seat in two else set[str]()
        return frozenset(heard)


@rule("visibility", "groups")
class Groups(Rule):
    """Groups hear only themselves, all of the time or between two steps; otherwise everybody hears everything.

    Whoever is in no group is heard by all and hears no group.
    """

    groups: list[list[str]] = Field(default_factory=list[list[str]])
    """Seats of each group."""
    by: str = ""
    """Instead: the group of a ``seat``, an expression, such as ``team[seat]``."""
    size: int | None = Field(default=None, ge=2)
    """Instead: groups of so many, made of the seats ``of``."""
    of: str | list[str] = ""
    """The seats that are put into groups of ``size``; all when left out."""
    mixed: bool = False
    """With ``size``: by the run's seed, instead of in declared order."""
    starts: int = Field(default=1, ge=1)
    """Step of the stage at which they form."""
    ends: int | None = Field(default=None, ge=1)
    """Step after which they dissolve; they last as long as the stage when left out."""

    _made: list[list[str]] | None = PrivateAttr(default=None)

    def check_in(self, environment: Environment) -> str | None:
        if sum((bool(self.groups), bool(self.by), self.size is not None)) != 1:
            return "give one of 'groups', 'by' and 'size'"
        if self.ends is not None and self.ends < self.starts:
            return "the groups dissolve before they form"
        return unknown_seat(environment, *self._of) or faulty_groups(environment, self.groups)

    @property
    def _of(self) -> list[str]:
        named = [self.of] if isinstance(self.of, str) else self.of
        return [seat for seat in named if seat]

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        everybody = frozenset(scene.seats)
        return next((frozenset(group) for group in self.now(scene) if line.seat in group), everybody)

    def now(self, scene: Scene) -> list[list[str]]:
        """The groups as they are, none before they form and after they have dissolved."""
        step = scene.steps + 1
        if step < self.starts or (self.ends is not None and step > self.ends):
            return []
        if self.size is None:
            return grouped(scene, self.groups, self.by)
        if self._made is None:
            members: dict[str, list[str]] = scene.params["members"]
            seats = [seat for name in self._of for seat in members.get(name, [name])] or list(scene.seats)
            if self.mixed:
                seats = shuffled(seats, scene.seed, "groups", scene.stage, scene.began)
            self._made = _parted(seats, self.size)
        return self._made


def _parted(seats: list[str], size: int) -> list[list[str]]:
    """Groups of ``size``; one seat that is left over joins the last group, for alone it has nobody to talk to."""
    groups = [seats[at : at + size] for at in range(0, len(seats), size)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        alone = groups.pop()
        groups[-1] += alone
    return groups


@rule("visibility", "location")
class Location(Rule):
    """Whoever is at the same place hears it."""

    field: str = "place"
    """Field of the world that holds each seat's place."""

    def check_in(self, environment: Environment) -> str | None:
        if self.field not in environment.world:
            return f"the world has no field {self.field!r}"
        return None if environment.field(self.field).each else f"the field {self.field!r} has no value for each seat"

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        place = scene.world[self.field]
        here = place.get(line.seat)
        return frozenset(seat for seat in scene.seats if place.get(seat) == here and here is not None)


@rule("visibility", "network")
class Network(Rule):
    """Whoever is joined to the speaker by an edge hears it."""

    edges: list[list[str]] = Field(min_length=1)
    """From and to."""
    directed: bool = False
    """Words go only along an edge, not back."""

    def check_in(self, environment: Environment) -> str | None:
        for edge in self.edges:
            if len(edge) != 2 or edge[0] == edge[1]:
                return f"an edge is two different seats, not {edge}"
            if wrong := unknown_seat(environment, *edge):
                return wrong
        return None

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        members: dict[str, list[str]] = scene.params["members"]
        heard: set[str] = set()
        for one, two in self.edges:
            ones, twos = members.get(one, [one]), members.get(two, [two])
            if line.seat in ones:
                heard |= set(twos)
            if not self.directed and line.seat in twos:
                heard |= set(ones)
        return frozenset(heard)
