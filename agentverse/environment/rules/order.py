"""Who speaks next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from agentverse.blueprint.environment import Environment
from agentverse.environment.chance import chance
from agentverse.environment.registry import Rule, rule, unknown_seat
from agentverse.environment.scene import Scene
from agentverse.environment.words import word

_EAGER = 5


class OrderRule(Rule):
    """Base of the orders that come with the product."""

    among: str = ""
    """Which seats may speak: an expression about a ``seat``."""

    def able(self, scene: Scene) -> list[str]:
        """Seats that may speak now, in declared order. Those of seats that nobody asks, such as a judge's, are out."""
        if not self.among:
            return list(scene.seats)
        return [seat for seat in scene.seats if scene.evaluate(self.among, seat, seat=seat)]


@rule("order", "alternate")
class Alternate(OrderRule):
    """The seats take turns in declared order, over and over."""

    first: str | None = None
    """Seat that begins; the first one declared when left out."""

    def check_in(self, environment: Environment) -> str | None:
        return unknown_seat(environment, self.first)

    async def next(self, scene: Scene) -> Sequence[str]:
        able = set(self.able(scene))
        if not able:
            return []
        seats = list(scene.seats)
        if scene.here == 0:
            at = seats.index(self.first) if self.first is not None else 0
        else:
            at = seats.index(scene.spoken[-1].seat) + 1
        return [next(seat for seat in [*seats[at:], *seats[:at]] if seat in able)]


@rule("order", "sequential")
class Sequential(OrderRule):
    """Each seat speaks once in declared order; with ``rounds`` more often."""

    rounds: int = Field(default=1, gt=0, le=1000)
    """So often for each seat."""

    async def next(self, scene: Scene) -> Sequence[str]:
        spoke: dict[str, int] = {}
        for line in scene.spoken[scene.began :]:
            spoke[line.seat] = spoke.get(line.seat, 0) + 1
        able = self.able(scene)
        fewest = min((spoke.get(seat, 0) for seat in able), default=self.rounds)
        if fewest >= self.rounds:
            return []
        return [next(seat for seat in able if spoke.get(seat, 0) == fewest)]


@rule("order", "concurrent")
class Concurrent(OrderRule):
    """All speak at the same time; with ``rounds`` so often."""

    rounds: int | None = Field(default=None, gt=0)
    """So many steps; without end when left out."""

    async def next(self, scene: Scene) -> Sequence[str]:
        return [] if self.rounds is not None and scene.steps >= self.rounds else self.able(scene)


@rule("order", "random")
class Random(OrderRule):
    """Some seats, drawn by the run's seed; nobody twice in a row when there are others."""

    count: int = Field(default=1, gt=0)
    """So many at the same time."""

    async def next(self, scene: Scene) -> Sequence[str]:
        able = self.able(scene)
        last = {line.seat for line in scene.spoken[-self.count :]} if scene.here else set[str]()
        fresh = [seat for seat in able if seat not in last]
        pool = fresh if len(fresh) >= self.count else able
        draw = chance(scene.seed, "order", scene.stage, len(scene.spoken))
        return draw.sample(pool, min(self.count, len(pool)))


@rule("order", "round_robin")
class RoundRobin(OrderRule):
    """One of each group at the same time: whoever has waited longest in it, whatever group that was before.

    With neither ``groups`` nor ``by``: the groups that hear only themselves, by the rule for visibility.
    """

    groups: list[list[str]] = Field(default_factory=list[list[str]])
    """Seats of each group."""
    by: str = ""
    """Instead of ``groups``: an expression for the group of a ``seat``, such as ``team[seat]``; "" is no group."""
    rounds: int | None = Field(default=None, gt=0)
    """So many steps; without end when left out."""

    def check_in(self, environment: Environment) -> str | None:
        if self.groups and self.by:
            return "give either 'groups' or 'by'"
        return faulty_groups(environment, self.groups)

    async def next(self, scene: Scene) -> Sequence[str]:
        if self.rounds is not None and scene.steps >= self.rounds:
            return []
        able = set(self.able(scene))
        spoke = {line.seat: turn for turn, line in enumerate(scene.spoken[scene.began :], start=1)}
        made = grouped(scene, self.groups, self.by) if self.groups or self.by else scene.groups
        groups = [[seat for seat in group if seat in able] for group in made]
        return [min(group, key=lambda seat: spoke.get(seat, 0)) for group in groups if group]


def grouped(scene: Scene, groups: Sequence[Sequence[str]], by: str) -> list[list[str]]:
    """The groups of a rule: as listed, or by an expression that tells the group of a ``seat``."""
    members: dict[str, list[str]] = scene.params["members"]
    if groups:
        return [[seat for name in group for seat in members.get(name, [name])] for group in groups]
    found: dict[Any, list[str]] = {}
    for seat in scene.seats:
        group = scene.evaluate(by, seat, seat=seat, group=[])
        if group not in (None, "", False):
            found.setdefault(group, []).append(seat)
    return list(found.values())


def faulty_groups(environment: Environment, groups: Sequence[Sequence[str]]) -> str | None:
    """What is wrong with groups as listed, or None: unknown seats, a group of one, a seat in two of them."""
    seen: set[str] = set()
    for group in groups:
        if len(group) == 1 and environment.seats.get(group[0]) is not None:
            about = environment.seats[group[0]]
            if about.count == 1 and not about.several:
                return f"a group of one, {group[0]!r}, has nobody to talk to"
        if not group:
            return "a group is empty"
        for seat in group:
            if wrong := unknown_seat(environment, seat):
                return wrong
            if seat in seen:
                return f"{seat!r} is in two groups"
            seen.add(seat)
    return None


@rule("order", "call_on")
class CallOn(OrderRule):
    """A moderator speaks, and again after each reply; who was called on is next; after an open question all may act.

    Without a moderator whoever spoke last names who is next.
    """

    moderator: str | None = None
    """Seat; the first one declared begins when there is none."""
    opens: list[str] = Field(default_factory=lambda: ["ask"])
    """Actions of the moderator after which all others may act at the same time."""

    def check_in(self, environment: Environment) -> str | None:
        return unknown_seat(environment, self.moderator)

    async def next(self, scene: Scene) -> Sequence[str]:
        able = self.able(scene)
        if not able:
            return []
        lead = self.moderator if self.moderator in able else able[0]
        if len(scene.latest) != 1:
            return [lead]
        last = scene.latest[0]
        called = last.field("who") if last.action == "call_on" else None
        if called in able:
            return [called]
        if last.seat == lead and last.action in self.opens:
            return [seat for seat in able if seat != lead]
        if self.moderator is None:
            after = able.index(last.seat) + 1 if last.seat in able else 0
            return [able[after % len(able)]]
        return [lead]


@rule("order", "bidding")
class Bidding(OrderRule):
    """Agents say how much they want to speak; whoever wants it most does. Ties are broken by the run's seed."""

    question: str = ""
    """Asked of each; the product's own question when left out."""
    least: int = Field(default=1, ge=0, le=_EAGER)
    """When nobody wants it that much, the stage is over."""

    async def next(self, scene: Scene) -> Sequence[str]:
        able = self.able(scene)
        last = scene.spoken[-1].seat if scene.here else ""
        asked = [seat for seat in able if seat != last] or able
        if not asked:
            return []
        question = self.question or word("how_much", scene.language)
        bids = await scene.poll(asked, "bid", question, {"choice": [str(bid) for bid in range(_EAGER + 1)]}, usual="0")
        most = max(int(bid) for bid in bids.values())
        if most < self.least:
            return []
        eager = [seat for seat in asked if int(bids[seat]) == most]
        return [chance(scene.seed, "bid", len(scene.spoken)).choice(eager)]
