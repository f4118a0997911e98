"""What expressions and templates of an environment may name."""

from __future__ import annotations

from agentverse.blueprint.environment import Environment

ALWAYS = frozenset({"me", "seats", "names", "members", "group", "stage", "turn", "step", "seed", "calls", "evidence"})

REASON = "reason"
"""Why it ended, as the report calls it."""


def known_names(environment: Environment) -> frozenset[str]:
    """Parameters, fields of the world, and what is always there."""
    return ALWAYS | frozenset(environment.params) | frozenset(environment.world)
