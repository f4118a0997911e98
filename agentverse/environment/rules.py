"""Rules that come with the product: order, visibility, selection, update, description. For stop see `stops`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pydantic import Field, PrivateAttr

from agentverse.blueprint.text import Localized, localize
from agentverse.environment.protocol import Line, Scene
from agentverse.environment.registry import Rule, rule

if TYPE_CHECKING:
    from jinja2 import Template


@rule("order", "alternate")
class Alternate(Rule):
    """The seats take turns in declared order, over and over."""

    first: str | None = None
    """Seat that begins; the first one declared when left out."""

    def check_seats(self, seats: Collection[str]) -> str | None:
        return f"there is no seat {self.first!r}" if self.first is not None and self.first not in seats else None

    async def next(self, scene: Scene) -> Sequence[str]:
        seats = list(scene.seats)
        begin = seats.index(self.first) if self.first is not None else 0
        return [seats[(begin + len(scene.spoken)) % len(seats)]]


@rule("order", "sequential")
class Sequential(Rule):
    """Each seat speaks once in declared order; with ``rounds`` more often."""

    rounds: int = Field(default=1, gt=0, le=1000)

    async def next(self, scene: Scene) -> Sequence[str]:
        seats = list(scene.seats)
        turn = len(scene.spoken)
        return [seats[turn % len(seats)]] if turn < self.rounds * len(seats) else []


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


@rule("selection", "all")
class SelectAll(Rule):
    """Every reply counts."""

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        return replies


@rule("update", "transcript")
class Transcript(Rule):
    """Replies are added to the conversation; nothing else changes."""

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        return replies


@rule("description", "none")
class Undescribed(Rule):
    """Seats are told nothing beside what they heard."""

    def notes(self, seat: str, scene: Scene) -> str:
        return ""


@rule("description", "template")
class TemplateDescription(Rule):
    """Each seat is told what a template makes of its view: ``seat``, ``title``, ``seats``, ``turn`` and ``heard``.

    ``heard`` lists the lines the seat heard, each with ``seat``, ``title`` and ``text``.
    """

    text: Localized = ""
    """For every seat that has none of its own."""
    seats: dict[str, Localized] = Field(default_factory=dict[str, Localized])
    """Seat: its template."""

    _ready: dict[str, Template] = PrivateAttr(default_factory=dict)

    def check_seats(self, seats: Collection[str]) -> str | None:
        from jinja2 import TemplateSyntaxError

        strange = next((seat for seat in self.seats if seat not in seats), None)
        if strange is not None:
            return f"there is no seat {strange!r}"
        for text in (self.text, *self.seats.values()):
            for language in ("en", "zh"):
                try:
                    _compiled(localize(text, language))
                except TemplateSyntaxError as error:
                    return f"line {error.lineno} of the template: {error.message}"
        return None

    def notes(self, seat: str, scene: Scene) -> str:
        template = self._ready.get(seat)
        if template is None:
            text = localize(self.seats.get(seat, self.text), scene.language)
            template = self._ready[seat] = _compiled(text)
        heard = [{"seat": line.seat, "title": line.title, "text": line.text} for line in scene.heard.get(seat, [])]
        return template.render(
            seat=seat,
            title=scene.seats[seat].title,
            seats=list(scene.seats),
            turn=len(scene.spoken) + 1,
            heard=heard,
        ).strip()


def _compiled(text: str) -> Template:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False).from_string(text)
