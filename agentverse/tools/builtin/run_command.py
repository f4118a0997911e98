"""``run_command``: a command in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from agentverse.tools.making import Arguments, made
from agentverse.tools.protocol import Bench
from agentverse.tools.registry import tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class RunCommand(Arguments):
    command: list[str] = Field(min_length=1, max_length=100)


@tool("run_command")
def run_command(bench: Bench) -> BaseTool:
    """What the command showed: how it ended, and what it printed. It proves nothing; only ``run`` phases do."""

    async def run(command: list[str]) -> str:
        seen = await bench.run(command, seconds=bench.policy.seconds)
        ended = seen.reason or say("exit_code", bench.language, code=seen.exit_code)
        printed = seen.head if not seen.tail else f"{seen.head}\n…\n{seen.tail}"
        return f"{ended}\n{printed.strip() or say('printed_nothing', bench.language)}"

    # The sandbox keeps the time, and says what was printed till then.
    return made("run_command", say("about_run_command", bench.language), RunCommand, run, untimed=True)
