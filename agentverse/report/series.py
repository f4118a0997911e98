"""Many runs of one environment side by side: what they measured, on average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORDS = 6
"""Words that a measure may have for their shares to be told."""
_SHOWN = 30
"""Characters of such a word."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, how much of its row it fills (0 to 1), and the number as it is read."""

    name: str
    filled: float
    said: str


def shares(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Measure: its mean over all runs; of yes or no, the share of yes; of few words ``measure: word`` and its share."""
    found: dict[str, float] = {}
    for name in [name for name in rows[0] if name not in ("run", "outcome", "seed")]:
        values = [row.get(name) for row in rows]
        if values and all(isinstance(value, bool | int | float) for value in values):
            found[name] = sum(float(value or 0) for value in values) / len(values)
        elif all(isinstance(value, str) for value in values) and len(set(values)) <= _WORDS:
            counts = Counter(map(str, values))
            found |= {f"{name}: {_cut(said)}": count / len(values) for said, count in counts.most_common()}
    return found


def bars(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """A bar for the mean of each measure; of yes or no, the share of yes. Numbers are drawn against the largest."""
    means = shares(rows)
    most = max((abs(mean) for name, mean in means.items() if not _is_share(rows, name)), default=0.0)
    found: list[Bar] = []
    for name, mean in means.items():
        share = _is_share(rows, name)
        filled = mean if share else abs(mean) / most if most else 0.0
        found.append(Bar(name, filled, f"{mean:.0%}" if share else f"{mean:g}"))
    return found


def _is_share(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return name not in rows[0] or all(isinstance(row.get(name), bool) for row in rows)


def _cut(word: str) -> str:
    line = " ".join(word.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
