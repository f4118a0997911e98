"""How long a context a company needs, worked out before a token is spent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agentverse.agents.fitting import room, weight
from agentverse.agents.forms import form
from agentverse.agents.layout import system_text
from agentverse.agents.protocol import Expectation
from agentverse.blueprint.company import Phase, TypeSpec
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import Localized, localize
from agentverse.blueprint.tiers import VISION
from agentverse.engine.protocol import Host
from agentverse.errors import NoModel
from agentverse.models.failures import SIGHT
from agentverse.models.protocol import Profile

AGREED = 2048
"""Tokens of what earlier phases made: requirements, a design and a file or two of a small product."""
_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Need:
    """The longest prompt of a company on an idea that asks for next to nothing.

    Attributes:
        phase: where it is asked.
        tokens: of the prompt alone; the reply comes on top.
    """

    phase: str
    tokens: int

    def context(self, profile: Profile) -> int:
        """The shortest context in which a model of this kind has room for the prompt and a reply."""
        low, high = self.tokens, self.tokens * 3 + 2 * profile.context
        while low < high:
            middle = (low + high) // 2
            if room(_with(profile, middle)) >= self.tokens:
                high = middle
            else:
                low = middle + 1
        return low


def need_of(blueprint: Resolved, language: str, *, profile: Profile) -> Need:
    """What must at least fit.

    Args:
        profile: says how many letters a token has.
    """
    found = [
        Need(name, round(size / profile.chars_per_token) + agreed) for name, size, agreed in _sizes(blueprint, language)
    ]
    return max(found, key=lambda need: need.tokens, default=Need("", 0))


def least_context(blueprint: Resolved, language: str) -> int:
    """Tokens of context below which no model is of use to a company: one that may think takes the most room."""
    profile = Profile(family="", thinking="switch")
    return need_of(blueprint, language, profile=profile).context(profile)


def require_context(blueprint: Resolved, language: str, *, profile: Profile, model: str) -> None:
    """Raises NoModel when the model's context is too short for the company."""
    need = need_of(blueprint, language, profile=profile)
    if need.tokens > room(profile):
        least = need.context(profile)
        raise NoModel(
            f"company '{blueprint.company.name}' needs about {least:,} tokens of context (phase '{need.phase}'), "
            f"and {model} has {profile.context:,}",
            fix=f"Serve it with more (agentverse models serve --context {least}), "
            "or use a company that asks for less: solo.",
        )


def asked_tiers(blueprint: Resolved) -> set[str]:
    """The tiers that phases and roles name, those of companies that are run as a phase included."""
    asked: set[str] = {phase.model for phase in blueprint.company.phases.values() if phase.model}
    asked |= {role.model for role in blueprint.roles.values()}
    return asked.union(*map(asked_tiers, blueprint.companies.values()))


def require_sight(host: Host, blueprint: Resolved) -> None:
    """Raises NoModel when the company shows pictures to a model that is known to see none."""
    model = host.models.get(VISION)
    if model is not None and model.profile.sees is False and VISION in asked_tiers(blueprint):
        raise NoModel(
            f"company '{blueprint.company.name}' shows pictures to the tier 'vision', and {model.name} sees none",
            fix=SIGHT,
        )


def _sizes(blueprint: Resolved, language: str) -> Iterator[tuple[str, int, int]]:
    """Phase, bytes of what is always in its prompt, and tokens for what others made before it."""
    always = weight(system_text(language, blueprint.company.rules))
    for name, phase in blueprint.company.phases.items():
        agreed = AGREED if phase.predecessors else 0
        for role, own, expected in _speakers(blueprint, phase):
            persona = role if isinstance(role, Role) else blueprint.roles.get(role, Role())
            texts = (persona.prompt, persona.title, persona.duties, own, phase.prompt)
            said = [_CODE.sub("", localize(text, language)) for text in texts]
            yield name, always + sum(weight(text) for text in (*said, form(Expectation(expected), language))), agreed
    for inner in blueprint.companies.values():
        yield from _sizes(inner, language)


def _speakers(blueprint: Resolved, phase: Phase) -> Iterator[tuple[str | Role, Localized, TypeSpec]]:
    """Role, what only its seat is told, and the type of its replies."""
    product = next(iter(phase.produces.values()), "text")
    if phase.ask is not None:
        yield phase.ask, "", product
    for environment in phase.meets_in:
        for name, seat in blueprint.environments[environment].seats.items():
            held = phase.seats.get(name) or seat.role or ""
            role = held if isinstance(held, str | Role) else ""
            yield role, seat.prompt, product if seat.writes == "product" else seat.writes


def _with(profile: Profile, context: int) -> Profile:
    return replace(profile, context=context)
