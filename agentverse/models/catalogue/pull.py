"""Downloading a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agentverse.models.catalogue.entry import Entry, Form

Source = Literal["huggingface", "modelscope"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a download stands, in bytes of all its files."""

    done: int
    total: int


def pull(
    entry: Entry,
    form: Form,
    *,
    source: Source = "huggingface",
    progress: Callable[[Progress], None] | None = None,
) -> Path:
    """Download ``entry`` in ``form``, go on where an earlier download stopped, and check every file. Blocks.

    Args:
        progress: called from any thread as bytes arrive; what it raises ends the download.

    Returns:
        What `local_file` returns from then on.

    Raises:
        PullFailed: it cannot be had; says why, and what to do.
    """
    raise NotImplementedError
