"""How far several samples of one reply agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from agentverse.blueprint.artifacts import Artifact
from agentverse.workspace.protocol import Changes


def normal(value: Any) -> str:
    """A value without what makes no difference: case and white space of a text, the order of keys."""
    if isinstance(value, str):
        return " ".join(value.split()).casefold().rstrip(".!。")
    if isinstance(value, Artifact):
        return value.model_dump_json()
    if isinstance(value, Changes):
        return repr((sorted(value.write.items()), sorted(value.delete)))
    return json.dumps(value, sort_keys=True, default=str)


def agreement(values: Sequence[Any], drawn: int) -> float:
    """The share of the largest group of equal values among all samples; one that could not be read agrees with none.

    Args:
        values: of the samples that could be read, at least one.
        drawn: how many samples there were.
    """
    _, most = Counter(map(normal, values)).most_common(1)[0]
    return most / max(drawn, len(values))
