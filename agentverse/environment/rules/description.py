"""What each seat is told of its surroundings before its turn."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from agentverse import templates
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.text import Localized, localize
from agentverse.environment.known import known_names
from agentverse.environment.registry import Rule, rule, unknown_seat
from agentverse.environment.scene import Scene
from agentverse.errors import UsageError

VIEW = frozenset({"seat", "title", "heard"})


@rule("description", "none")
class Undescribed(Rule):
    """Seats are told nothing beside what they heard."""

    def notes(self, seat: str, scene: Scene) -> str:
        return ""


@rule("description", "template")
class TemplateDescription(Rule):
    """Each seat is told what a template makes of its view: ``seat``, ``title``, ``heard``, parameters and world.

    ``heard`` lists the lines the seat heard, each with ``seat``, ``title`` and ``text``. What of the world a seat may
    know is for the template to say.
    """

    text: Localized = ""
    """For every seat that has none of its own."""
    seats: dict[str, Localized] = Field(default_factory=dict[str, Localized])
    """Seat: its template."""

    def check_in(self, environment: Environment) -> str | None:
        for seat in self.seats:
            if wrong := unknown_seat(environment, seat):
                return wrong
        texts = (localize(text, language) for text in (self.text, *self.seats.values()) for language in ("en", "zh"))
        return next(filter(None, (_fault(text, environment) for text in texts)), None)

    def notes(self, seat: str, scene: Scene) -> str:
        """See `Description`. Raises UsageError when the template asks for something that is not there."""
        held = scene.seats[seat]
        text = localize(self.seats.get(seat, self.seats.get(held.kind, self.text)), scene.language)
        if not text:
            return ""
        more: dict[str, Any] = {"seat": seat, "title": held.title}
        if "heard" in text:
            heard = scene.hearing.lines(seat)
            more["heard"] = [{"seat": line.seat, "title": line.title, "text": line.text} for line in heard]
        try:
            return scene.render(text, seat, **more)
        except UsageError as error:
            raise UsageError(f"the description of the seat {seat!r} cannot be written: {error}") from error


def _fault(text: str, environment: Environment) -> str | None:
    """What is wrong with a template, or None."""
    try:
        uses = templates.uses(text)
    except templates.BadTemplate as error:
        return f"line {error.line} of the template: {error}"
    known = known_names(environment) | VIEW
    strange = next((use.name for use in uses if use.name not in known and not use.tested), None)
    return f"the template uses {strange!r}; there are {', '.join(sorted(known))}" if strange else None
