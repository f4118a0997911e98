"""vLLM as agentverse starts, watches and stops it: each of MiniCPM's architectures, and what cannot be served."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest
from jsonschema import validate

from agentverse.errors import ModelDenied, ModelUnavailable, ServerFailed
from agentverse.models.constraint import JsonSchema
from agentverse.models.protocol import Sampling
from agentverse.models.servers.launch import Launch, News
from agentverse.models.servers.running import Patience, running
from agentverse.testing import tiny_folder

from .conftest import Opened, ask, launch_of, until, with_words

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("environment"),
]

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
VERDICT = JsonSchema("verdict", SCHEMA)


async def test_minicpm_is_served_bears_more_than_it_takes_and_finishes_what_it_began(
    tmp_path: Path, opened: Opened
) -> None:
    folder = tiny_folder.noise(tmp_path / "model", architecture="minicpm")
    launch = with_words(launch_of("MiniCPM4.1-8B", folder), "--max-num-queued-reqs", "2")
    assert "--trust-remote-code" in launch.argv
    async with running(launch, log=tmp_path / "log"):
        model = await opened(launch, retries=30)
        await speaks_by_schema(launch, opened)
        crowd = [ask(f"{number}", sampling=Sampling(max_tokens=60), key=f"a#{number}") for number in range(24)]
        replies = await asyncio.gather(*map(model.complete, crowd))
        assert all(reply.usage.completion for reply in replies)
        (counters,) = (await model.counted()).values()
        assert counters["rejected"] > 0, "some were sent away, and came again"
        slow = await opened(launch, extra={"ignore_eos": True}, max_tokens=600)
        last = asyncio.create_task(slow.complete(ask("and now at length")))
        await until(launch, working=1)
    assert (await last).usage.completion == 600, "it was told to end while this was being written"


async def test_minicpm3_is_served_to_who_has_the_key_and_comes_back_when_it_is_killed(
    tmp_path: Path, opened: Opened
) -> None:
    folder = tiny_folder.noise(tmp_path / "model", architecture="minicpm3")
    launch = launch_of("MiniCPM3-4B", folder, key="sk-of-this-run")
    told: list[News] = []
    ready = asyncio.Event()

    def tell(news: News) -> None:
        told.append(news)
        if news.kind == "ready":
            ready.set()

    patience = Patience(between=0.2, pauses=(0.1,))
    async with running(launch, log=tmp_path / "log", tell=tell, patience=patience):
        await speaks_by_schema(launch, opened)
        with pytest.raises(ModelDenied):
            await opened(launch, api_key="sk-of-another")
        ready.clear()
        os.kill(engine_of(launch), signal.SIGKILL)
        await ready.wait()
        await speaks_by_schema(launch, opened)
    assert [news.kind for news in told if news.kind != "loading"] == [
        *("starting", "ready", "died", "starting", "ready", "stopped")
    ]
    assert not [news for news in told if news.text == "compiles"], "nothing is compiled on a processor"


async def test_one_that_was_never_trained_to_answer_is_found_out_before_the_run(tmp_path: Path, opened: Opened) -> None:
    folder = tiny_folder.bigram(tmp_path / "model", template=None)
    launch = launch_of("MiniCPM5-1B", folder)
    async with running(launch, log=tmp_path / "log"):
        with pytest.raises(ModelUnavailable, match="has no chat template, so it cannot be talked to") as refused:
            await opened(launch)
    assert "--chat-template" in str(refused.value.fix)


async def test_a_context_the_model_was_not_made_for_is_said_to_be_too_long(tmp_path: Path) -> None:
    launch = launch_of("MiniCPM5-1B", tiny_folder.noise(tmp_path / "model", context=4096), context=8192)
    with pytest.raises(ServerFailed, match=r"the model was not made for so long a context: .*max_model_len") as failed:
        async with running(launch, log=tmp_path / "log"):
            raise AssertionError("it never answers")
    assert "--context" in str(failed.value.fix)


async def speaks_by_schema(launch: Launch, opened: Opened) -> None:
    """Ask at a server as at first contact, and for a document."""
    model = await opened(launch)
    facts = await model.contact()
    assert (facts["model"], facts["constraints"], facts["priority"]) == (launch.model, "enforced", True)
    for seed in range(3):
        reply = await model.complete(ask(constraint=VERDICT, sampling=Sampling(seed=seed)))
        validate(json.loads(reply.choices[0].text), SCHEMA)


def engine_of(launch: Launch) -> int:
    """The process of vLLM's that computes, whose parent has the server's port on its command line."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            parent = Path("/proc", lines["PPid"], "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if lines["Name"].startswith("VLLM::EngineCor") and str(launch.port).encode() in parent:
            return int(lines["Pid"])
    raise AssertionError("vLLM has no engine")
