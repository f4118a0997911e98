"""``ask_human``: a question to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from agentverse.tools.making import Arguments, made
from agentverse.tools.protocol import Bench
from agentverse.tools.registry import tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class AskHuman(Arguments):
    question: str = Field(min_length=1, max_length=2000)


@tool("ask_human")
def ask_human(bench: Bench) -> BaseTool:
    """The person's answer; it may come from another process, and after the run was resumed."""
    return made("ask_human", say("about_ask_human", bench.language), AskHuman, bench.ask, untimed=True)
