"""What the built-in tools have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from agentverse.sandbox.layout import WORK
from agentverse.tools.protocol import READS, UNTIMED, Bench, ToolFailed
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_NEAR = 8
"""Files named when one does not exist."""


class Arguments(BaseModel):
    """Base of the arguments of built-in tools."""

    model_config = ConfigDict(extra="forbid")


def made(
    name: str,
    about: str,
    arguments: type[Arguments],
    run: Callable[..., Awaitable[str]],
    *,
    reads: bool = False,
    untimed: bool = False,
) -> BaseTool:
    """A tool from a coroutine function.

    Args:
        run: given the arguments by name.
        reads: it changes nothing.
        untimed: it waits for an agent or a person.
    """
    from langchain_core.tools import StructuredTool

    metadata: dict[str, Any] = {READS: reads, UNTIMED: untimed}
    return StructuredTool(name=name, description=about, args_schema=arguments, coroutine=run, metadata=metadata)


async def text_of(bench: Bench, path: str) -> tuple[str, str]:
    """The path as it is spelled in the workspace, and the file as text.

    Raises:
        ToolFailed: there is no such file, or it is no text.
    """
    known = bench.paths()
    plain = path.strip().replace("\\", "/").removeprefix("./").removeprefix(f"{WORK}/")
    if plain not in known:
        near = get_close_matches(plain, known, _NEAR, cutoff=0.4) or list(known[:_NEAR])
        if not near:
            raise ToolFailed(say("no_files", bench.language))
        raise ToolFailed(say("no_file", bench.language, path=path, near=", ".join(near)))
    try:
        return plain, (await bench.read(plain)).decode()
    except UnicodeDecodeError:
        raise ToolFailed(say("not_text", bench.language, path=plain)) from None


def beneath(bench: Bench, folder: str) -> list[str]:
    """The files in a folder; all when it is "" or ".".

    Raises:
        ToolFailed: there are none.
    """
    plain = folder.strip().replace("\\", "/").removeprefix("./").strip("/")
    inside = [path for path in bench.paths() if plain in ("", ".", "work") or path.startswith(f"{plain}/")]
    if not inside:
        raise ToolFailed(say("no_files", bench.language))
    return inside
