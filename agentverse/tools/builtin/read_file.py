"""``read_file``: a range of lines of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from agentverse.tools.making import Arguments, made, text_of
from agentverse.tools.protocol import Bench, ToolFailed
from agentverse.tools.registry import tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_MOST = 400


class ReadFile(Arguments):
    path: str
    start: int = Field(default=1, ge=1)
    lines: int = Field(default=_MOST, ge=1, le=_MOST)


@tool("read_file")
def read_file(bench: Bench) -> BaseTool:
    """The lines as they are, without numbers: edits copy them exactly."""

    async def run(path: str, start: int = 1, lines: int = _MOST) -> str:
        plain, text = await text_of(bench, path)
        every = text.splitlines()
        if start > max(len(every), 1):
            raise ToolFailed(say("no_line", bench.language, path=plain, total=len(every)))
        end = min(start + lines - 1, len(every))
        head = say("lines_of", bench.language, path=plain, start=start, end=end, total=len(every))
        return "\n".join([head, *every[start - 1 : end]])

    return made("read_file", say("about_read_file", bench.language), ReadFile, run, reads=True)
