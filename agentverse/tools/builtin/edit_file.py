"""``edit_file``: a change of the product, written in the form of edits: source code never travels inside JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse.tools.making import Arguments, made
from agentverse.tools.protocol import Bench
from agentverse.tools.registry import EDITS, tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class EditFile(Arguments):
    path: str


@tool(EDITS)
def edit_file(bench: Bench) -> BaseTool:
    """Names the file; the bench asks for the edits and commits them."""
    return made(EDITS, say("about_edit_file", bench.language), EditFile, bench.edit, untimed=True)
