"""``fetch_page``: the text of a page, from hosts that the settings allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse.tools.making import Arguments, made
from agentverse.tools.protocol import Bench
from agentverse.tools.registry import tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class FetchPage(Arguments):
    url: str


@tool("fetch_page")
def fetch_page(bench: Bench) -> BaseTool:
    """One GET with nothing of the user's in it."""

    async def run(url: str) -> str:
        from agentverse.tools.fetching import fetch

        return await fetch(url, bench.policy.hosts, language=bench.language)

    about = say("about_fetch_page", bench.language, hosts=", ".join(bench.policy.hosts) or "-")
    return made("fetch_page", about, FetchPage, run, reads=True)
