"""Between which numbers a field of an action may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from agentverse.blueprint.acting import NUMBERS
from agentverse.errors import UsageError


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a number as they stand now, both of them included; None where there is none."""

    whole: bool
    least: float | None
    most: float | None

    @property
    def empty(self) -> bool:
        """There is no such number."""
        return self.least is not None and self.most is not None and self.least > self.most

    def hold(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of such a number."""
        schema: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        if self.least is not None:
            schema["minimum"] = self.least
        if self.most is not None:
            schema["maximum"] = self.most
        return schema

    def __str__(self) -> str:
        if self.least is None:
            return f"≤ {self.most:g}"
        return f"≥ {self.least:g}" if self.most is None else f"{self.least:g} … {self.most:g}"


def bounds_of(spec: object, evaluate: Callable[[str], Any]) -> Bounds | None:
    """The bounds that a field's ``{integer: {min: …, max: …}}`` gives; None for a field of another kind.

    Args:
        evaluate: works out an expression.

    Raises:
        UsageError: a bound is no number.
    """
    if not isinstance(spec, dict):
        return None
    kind, said = next(iter(cast("dict[str, Any]", spec).items()))
    if kind not in NUMBERS:
        return None
    least, most = (_bound(said, which, evaluate) for which in ("min", "max"))
    if kind == "integer":
        least = None if least is None else math.ceil(least)
        most = None if most is None else math.floor(most)
    return Bounds(kind == "integer", least, most)


def _bound(said: Mapping[str, Any], which: str, evaluate: Callable[[str], Any]) -> float | None:
    value = said.get(which)
    if isinstance(value, str):
        value = evaluate(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"the bound {which}: {said[which]} is no number")
    return value
