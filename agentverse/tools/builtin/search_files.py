"""``search_files``: where a text stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse.tools.making import Arguments, beneath, made
from agentverse.tools.protocol import Bench, ToolFailed
from agentverse.tools.registry import tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_MOST = 60
_LONGEST = 200
"""Characters of a line that are shown."""


class SearchFiles(Arguments):
    text: str
    folder: str = ""


@tool("search_files")
def search_files(bench: Bench) -> BaseTool:
    """Lines with their places. A plain text is looked for: a pattern could take for ever."""

    async def run(text: str, folder: str = "") -> str:
        wanted = text.casefold()
        if not wanted.strip():
            raise ToolFailed(say("no_text", bench.language))
        found: list[str] = []
        for path in beneath(bench, folder):
            content = (await bench.read(path)).decode("utf-8", "replace")
            for number, line in enumerate(content.splitlines(), start=1):
                if wanted in line.casefold():
                    found.append(f"{path}:{number}: {line.strip()[:_LONGEST]}")
        if not found:
            return say("not_found", bench.language, text=text)
        more = [say("more", bench.language, count=len(found) - _MOST)] if len(found) > _MOST else []
        return "\n".join([*found[:_MOST], *more])

    return made("search_files", say("about_search_files", bench.language), SearchFiles, run, reads=True)
