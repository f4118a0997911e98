from __future__ import annotations

import asyncio
import json
import random
import re
import sys

import aiohttp
import pytest

from agentverse.models.protocol import Message, Request
from agentverse.models.recording import About, Recorded, Recording
from agentverse.models.registry import open_model
from agentverse.testing import FAULTS, Reply, ScriptedServer
from agentverse.testing.corrupt import KINDS, corrupt, corrupt_share

GOOD = 'Here it is.\n\nsrc/main.py\n```python\nprint(\'hi\')\n```\n\n```json\n{"ok": true, "n": [1]}\n```\n'


@pytest.fixture
def recording():
    replies = [Recorded(key=f"code#1/f{n}.py/1", text=f"reply {n} in src/f{n}.py " * 5) for n in range(40)]
    return Recording(about=About(idea="x"), replies=replies)


async def test_a_recording_is_served_by_request_id(recording):
    async with ScriptedServer(recording) as server:
        model = await open_model({"base_url": server.url})
        for number in (7, 3):
            key = f"code#1/f{number}.py/1.2"
            response = await model.complete(Request((Message("user", "go"),), key=key, run="run/with slash"))
            assert response.choices[0].text.startswith(f"reply {number} ")
        await model.close()
    assert [request.key for request in server.requests] == ["code#1/f7.py/1.2", "code#1/f3.py/1.2"]
    assert server.finished == 2


async def test_the_same_share_of_replies_is_corrupted_each_time(recording):
    async def play(seed: int) -> list[str]:
        texts: list[str] = []
        async with ScriptedServer(recording, corrupt=0.3, seed=seed) as server:
            model = await open_model({"base_url": server.url})
            for number in range(40):
                request = Request((Message("user", "go"),), key=f"code#1/f{number}.py/1.1", run=f"any{seed}")
                texts.append((await model.complete(request)).choices[0].text)
            await model.close()
        return texts

    first, again, other = await play(7), await play(7), await play(8)
    assert first == again != other
    spoilt = sum(text != reply.text for text, reply in zip(first, recording.replies, strict=True))
    assert 4 <= spoilt <= 20


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_corruption_changes_every_reply(kind):
    for seed in range(30):
        for text in (GOOD, '{"approved": true, "findings": []}', "just words", ""):
            spoilt = corrupt(text, kind, random.Random(seed))
            same = (spoilt.text, spoilt.thinking, spoilt.finish) == (text, "", "stop")
            assert not same or not text
            assert corrupt(text, kind, random.Random(seed)) == spoilt


def test_what_fails_on_purpose_is_not_corrupted():
    assert corrupt_share(FAULTS["503"], 1.0, 1, "k") is FAULTS["503"]
    assert corrupt_share(Reply("x"), 0.0, 1, "k") == Reply("x")


async def test_an_async_function_may_be_the_script():
    async def script(body, headers):
        await asyncio.sleep(0)
        return f"{body['messages'][0]['content']} for {headers['X-Session-Id']}"

    async with ScriptedServer(script) as server:
        model = await open_model({"base_url": server.url})
        response = await model.complete(Request((Message("user", "hello"),), key="k.1", run="r9"))
        assert response.choices[0].text == "hello for r9"
        await model.close()


async def test_a_script_that_is_over_says_so():
    async with ScriptedServer([]) as server, aiohttp.ClientSession() as session:
        body = {"model": "scripted", "messages": [{"role": "user", "content": "x"}]}
        async with session.post(f"{server.url}/chat/completions", json=body) as response:
            assert response.status == 400
            assert "only 0 replies" in await response.text()
        async with session.get(server.url.replace("/v1", "/health")) as response:
            assert response.status == 200


async def test_the_command_line_serves_a_recording_and_logs_each_call(recording, tmp_path):
    file, log = tmp_path / "rec.json", tmp_path / "calls.log"
    file.write_text(json.dumps(recording.model_dump(mode="json")))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentverse.testing", "--recording", str(file), "--log", str(log),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
        model = await open_model(url)
        for number in (1, 2):
            request = Request((Message("user", "go"),), key=f"code#1/f{number}.py/1.1", run="r")
            assert (await model.complete(request)).choices[0].text.startswith(f"reply {number}")
        await model.close()
    finally:
        process.terminate()
        assert await process.wait() == 0
    expected = [f"{what} r/code#1/f{n}.py/1.1" for n in (1, 2) for what in ("started", "finished")]
    assert log.read_text().splitlines() == expected


async def test_the_command_line_refuses_what_is_no_recording(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentverse.testing", "--recording", str(tmp_path / "none.json"),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"none.json" in said
