"""What was downloaded already."""

from __future__ import annotations

from pathlib import Path

from agentverse.models.catalogue.entry import Entry, Form


def local_file(entry: Entry, form: Form) -> Path | None:
    """The whole model on this disk: a GGUF file, or the folder of safetensors; None when any of it is missing."""
    raise NotImplementedError
