"""Where models are: on this machine, or somewhere else."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from agentverse.models.protocol import ChatModel
from agentverse.models.spec import ModelSpec

_HERE = ("recording", "manual")
"""Providers that reach no server at all."""


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine alone. A name other than ``localhost`` may be of any."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_here(spec: ModelSpec) -> bool:
    """Whether asking the model sends nothing away from this machine. Of what other packages do nothing is known."""
    if spec.provider in _HERE:
        return True
    return spec.provider == "openai" and bool(spec.urls) and all(map(is_loopback, spec.urls))


def answers_here(model: ChatModel) -> bool:
    """As `is_here`, of a model that was opened already."""
    urls: Sequence[str] = getattr(model, "urls", ())
    return model.provider in _HERE or (bool(urls) and all(map(is_loopback, urls)))
