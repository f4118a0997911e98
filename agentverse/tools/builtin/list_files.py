"""``list_files``: what the product consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse.tools.making import Arguments, beneath, made
from agentverse.tools.protocol import Bench
from agentverse.tools.registry import tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_MOST = 300


class ListFiles(Arguments):
    folder: str = ""


@tool("list_files")
def list_files(bench: Bench) -> BaseTool:
    """Paths, one a line."""

    async def run(folder: str = "") -> str:
        paths = beneath(bench, folder)
        more = [say("more", bench.language, count=len(paths) - _MOST)] if len(paths) > _MOST else []
        return "\n".join([*paths[:_MOST], *more])

    return made("list_files", say("about_list_files", bench.language), ListFiles, run, reads=True)
