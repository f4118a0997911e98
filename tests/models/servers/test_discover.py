from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from agentverse.models.servers.discover import PORTS, discover
from agentverse.models.servers.ports import free_port
from agentverse.testing import ScriptedServer


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def serve(stack: AsyncExitStack, **options: object) -> int:
    port = free_port()
    await stack.enter_async_context(ScriptedServer([], port=port, **options))  # type: ignore[arg-type]
    return port


async def test_servers_that_answer_are_found_in_the_order_of_the_ports(stack: AsyncExitStack) -> None:
    second = await serve(stack, models=("second",), context=5000)
    first = await serve(stack, models=("first",), context=9000)
    found = await discover((free_port(), first, second))
    assert [(one.url, one.model, one.context, one.server) for one in found] == [
        (f"http://127.0.0.1:{first}/v1", "first", 9000, "vllm"),
        (f"http://127.0.0.1:{second}/v1", "second", 5000, "vllm"),
    ]


async def test_models_that_do_not_answer_in_words_are_passed_over(stack: AsyncExitStack) -> None:
    mixed = await serve(stack, models=("nomic-embed-text", "MiniCPM5-1B"))
    none = await serve(stack, models=("bge-m3", "whisper-large"))
    assert [one.model for one in await discover((mixed, none))] == ["MiniCPM5-1B"]


async def test_one_that_asks_for_a_key_is_passed_over(stack: AsyncExitStack) -> None:
    assert await discover((await serve(stack, api_key="sk-of-somebody"),)) == []


async def something_else(stack: AsyncExitStack, says: bytes) -> int:
    """A port where something says ``says`` and then waits to be left."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await reader.read()
        writer.close()
        await writer.wait_closed()

    other = await stack.enter_async_context(await asyncio.start_server(answer, "127.0.0.1", 0))
    port: int = other.sockets[0].getsockname()[1]
    return port


@pytest.mark.parametrize("says", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"])
async def test_what_is_no_model_server_is_passed_over(stack: AsyncExitStack, says: bytes) -> None:
    assert await discover((await something_else(stack, says),)) == []


async def test_one_that_never_answers_holds_nobody_up(stack: AsyncExitStack) -> None:
    silent = await something_else(stack, b"")
    other = await serve(stack, models=("quick",))
    async with asyncio.timeout(10):
        found = await discover((silent, other))
    assert [one.model for one in found] == ["quick"]


def test_the_usual_ports_are_those_of_the_usual_servers() -> None:
    assert list(PORTS) == [8000, 8080, 11434, 1234]
