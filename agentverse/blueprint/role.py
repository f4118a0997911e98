"""What a role file may say."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agentverse.blueprint.memory import MemorySpec
from agentverse.blueprint.text import Localized
from agentverse.blueprint.tiers import Escalation, Tier


class Role(BaseModel):
    """Who an agent is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", pattern=r"^[a-z][a-z0-9_]*$|^$", max_length=40)
    """The name of the file, without its ending, when left out."""
    title: Localized = ""
    """Shown to people and used as the author of commits."""
    duties: Localized = ""
    """One line: what this role answers for."""
    prompt: Localized = ""
    """The persona, in the second person; it comes last in a prompt, just before the instruction."""
    model: Tier = "edge"
    """Where its replies come from."""
    escalate: Literal["never"] | Escalation | None = None
    """When its turns go to the next tier; as the settings say when left out."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """How freely it answers; the model's own when left out."""
    tools: list[str] = Field(default_factory=list)
    """Tools it may use, unless the phase or the seat says otherwise: ``read_file``, ``SERVER.TOOL``, ``SERVER.*``."""
    memory: MemorySpec | None = None
    """What it keeps of what it heard: a part such as ``window``, ``{part: options}``, or a list that works together."""
