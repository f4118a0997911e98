"""Rules that come with the product: order, visibility, selection, update, description. For stop see `stops`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field, PrivateAttr

from agentverse.blueprint.text import Localized, localize
from agentverse.environment.protocol import Line, Scene
from agentverse.environment.registry import Rule, rule
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_VIEW = frozenset({"seat", "title", "seats", "turn", "heard"})


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
        strange = next((seat for seat in self.seats if seat not in seats), None)
        if strange is not None:
            return f"there is no seat {strange!r}"
        texts = (localize(text, language) for text in (self.text, *self.seats.values()) for language in ("en", "zh"))
        return next(filter(None, map(_fault, texts)), None)

    def notes(self, seat: str, scene: Scene) -> str:
        """See `Description`. Raises UsageError when the template asks for something that is not there."""
        from jinja2 import UndefinedError

        template = self._ready.get(seat)
        if template is None:
            text = localize(self.seats.get(seat, self.text), scene.language)
            template = self._ready[seat] = _environment().from_string(text)
        heard = [{"seat": line.seat, "title": line.title, "text": line.text} for line in scene.heard.get(seat, [])]
        view = {"title": scene.seats[seat].title, "seats": list(scene.seats), "turn": len(scene.spoken) + 1}
        try:
            return template.render(seat=seat, heard=heard, **view).strip()
        except UndefinedError as error:
            raise UsageError(f"the description of the seat {seat!r} cannot be written: {error.message}") from error


def _fault(text: str) -> str | None:
    """What is wrong with a template, or None."""
    from jinja2 import TemplateSyntaxError, meta

    try:
        template = _environment().parse(text)
    except TemplateSyntaxError as error:
        return f"line {error.lineno} of the template: {error.message}"
    strange = meta.find_undeclared_variables(template) - _VIEW - {"range"}
    return f"the template uses {min(strange)!r}; there are {', '.join(sorted(_VIEW))}" if strange else None


@cache
def _environment() -> Environment:
    """Sandboxed: what was said is data, and a template reaches nothing else. It is text for a prompt, so not HTML."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
