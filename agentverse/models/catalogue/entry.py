"""One model of the catalogue."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Form = Literal["safetensors", "gguf"]
"""``safetensors``: a folder that vLLM serves. ``gguf``: one file for llama.cpp."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Files(_Fact):
    """A model in one form, as it lies at the hub."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """Its id there."""
    size: int = Field(gt=0)
    """Bytes of the weights: what is downloaded, and what they take in memory."""
    file: str = ""
    """Of GGUF: a pattern that one file of the repository matches."""


class Entry(_Fact):
    """A model: facts for choosing, downloading and serving it."""

    name: str
    forms: dict[Form, Files]
