"""Which files make a model, told by their names: at a hub before a download, on the disk after it."""

from __future__ import annotations

import re
from collections.abc import Collection

from agentverse.models.catalogue.entry import Form

QUANTISATION = "q4_k_m"
"""Of GGUF: a quarter of the size at a small loss; every model of the catalogue has it."""
_SERVED = re.compile(r"\.(safetensors|json|txt|model|tiktoken|jinja|py)$")
"""What vLLM reads."""


def files_of(names: Collection[str], form: Form, *, projector: bool) -> list[str]:
    """Those of ``names`` that make the model in ``form``, its main file first; none when something is missing.

    Args:
        projector: the model needs a second GGUF for pictures.
    """
    if form == "safetensors":
        return _served(names)
    main, second = gguf_of(names), projector_of(names)
    if main is None or (projector and second is None):
        return []
    return [main, second] if projector and second else [main]


def gguf_of(names: Collection[str]) -> str | None:
    """The quantised weights."""
    found = [name for name in names if _is_gguf(name) and QUANTISATION in name.lower() and not _projects(name)]
    return min(found, key=_order, default=None)


def projector_of(names: Collection[str]) -> str | None:
    """The file that turns pictures into tokens."""
    found = [name for name in names if _is_gguf(name) and _projects(name)]
    return min(found, key=lambda name: ("f16" not in name.lower(), *_order(name)), default=None)


def _served(names: Collection[str]) -> list[str]:
    """Weights, configuration, tokenizer, code. Pickled weights only where there are no others."""
    whole = [name for name in names if "/" not in name]
    weights = [name for name in whole if name.endswith(".safetensors")]
    pickled = [] if weights else [name for name in whole if re.fullmatch(r"pytorch_model.*\.bin", name)]
    if "config.json" not in whole or not (weights or pickled):
        return []
    return sorted([name for name in names if _SERVED.search(name)] + pickled)


def _is_gguf(name: str) -> bool:
    return name.lower().endswith(".gguf")


def _projects(name: str) -> bool:
    return "mmproj" in name.lower()


def _order(name: str) -> tuple[int, str]:
    return name.count("/"), name
