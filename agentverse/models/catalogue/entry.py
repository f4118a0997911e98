"""One model of the catalogue."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agentverse.blueprint.text import Localized
from agentverse.models.profiles import Profile, profile_for

Form = Literal["safetensors", "gguf"]
"""``safetensors``: a folder that vLLM serves. ``gguf``: a file for llama.cpp, Q4_K_M."""
Engine = Literal["vllm", "llamacpp"]
FORMS: dict[Engine, Form] = {"vllm": "safetensors", "llamacpp": "gguf"}
"""What each engine reads."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Files(_Fact):
    """A model in one form, as it lies at the hub."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """Its id there."""
    size: int = Field(gt=0)
    """Bytes of the weights: what is downloaded, and what they take in memory."""
    projector: bool = False
    """Of GGUF: a second file holds what turns pictures into tokens."""

    @property
    def called(self) -> tuple[str, str]:
        """Its id with and without the owner, in small letters."""
        whole = self.repo.lower()
        return whole, whole.partition("/")[2]


class Cache(_Fact):
    """What a token leaves in the attention cache."""

    layers: int
    heads: int
    key: int
    value: int
    padded: bool = False
    """vLLM stores a value as wide as a key."""

    def token_bytes(self, form: Form) -> int:
        """Bytes of one token, at two bytes a number."""
        value = self.key if self.padded and form == "safetensors" else self.value
        return self.layers * self.heads * (self.key + value) * 2


class Speculation(_Fact):
    """How vLLM guesses ahead. ``draft`` is a name in the catalogue."""

    method: str
    draft: str
    tokens: int


class Entry(_Fact):
    """A model: facts for choosing, downloading and serving it."""

    name: str
    like: str = ""
    """The model it is a variant of: what is not said here is as there."""
    kind: Literal["text", "vision", "omni", "draft"] = "text"
    released: str
    parameters: int
    architecture: str
    """As vLLM calls it."""
    kv: Cache | None = None
    """None for a draft, which is not served alone."""
    forms: dict[Form, Files]
    recommended: bool = False
    """For writing software with."""
    tool_parser: str = ""
    reasoning_parser: str = ""
    remote_code: bool = False
    """vLLM must be allowed to run code that comes with the model."""
    vllm: str = ""
    """First version that serves it; "" when any does."""
    lora: bool = False
    speculation: Speculation | None = None
    draft_for: str = ""
    warning: Localized = ""
    source: str
    """Where the facts are from."""

    @property
    def profile(self) -> Profile:
        """How it is spoken to: context, thinking, sampling."""
        return profile_for(self.name)
