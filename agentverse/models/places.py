"""Where models are: on this machine, or somewhere else."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from agentverse.models.protocol import ChatModel
from agentverse.models.spec import ModelSpec

_HERE = ("recording", "manual", "hashing")
"""Providers that reach no server at all."""


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine alone."""
    host = urlsplit(url).hostname or ""
    return stays_here(host) or host.endswith(".localhost")


def stays_here(host: str) -> bool:
    """Whether talking to a host sends nothing away, not even a question of what its name stands for."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_here(spec: ModelSpec) -> bool:
    """Whether asking the model sends nothing away from this machine. Of what other packages do nothing is known."""
    return spec.provider in _HERE or (spec.provider == "openai" and _all_here(spec.urls))


def answers_here(model: ChatModel) -> bool:
    """As `is_here`, of a model that was opened already."""
    return model.provider in _HERE or _all_here(getattr(model, "urls", ()))


def _all_here(urls: Sequence[str]) -> bool:
    return bool(urls) and all(stays_here(urlsplit(url).hostname or "") for url in urls)
