"""A run's spans, as a real collector receives them over HTTP."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentverse.cli.tracing import collected
from agentverse.errors import RecordingExhausted
from agentverse.models.protocol import Message, Request
from agentverse.models.recording import Recording, RecordingModel
from agentverse.models.tracing import TracedModel, traced
from agentverse.testing import ScriptedServer
from agentverse.testing.script import Reply

COMPANY = """
name: two
success: "true"
phases:
  a: {ask: cto, prompt: A, samples: 2, pick: vote, produces: {x: {choice: [red, blue]}}}
  b: {after: a, ask: ceo, prompt: "B {{ x }}", produces: {y: verdict}}
"""


@dataclass
class Collector:
    url: str = ""
    spans: list[Any] = field(default_factory=list)
    service: str = ""

    async def receive(self, request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        for resource in sent.resource_spans:
            self.service = values(resource.resource.attributes)["service.name"]
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        return web.Response(content_type="application/x-protobuf")

    def named(self, name: str) -> Any:
        (span,) = [span for span in self.spans if span.name == name]
        return span


def values(attributes: Any) -> dict[str, Any]:
    """Attributes as plain values."""

    def plain(value: Any) -> Any:
        kind = value.WhichOneof("value")
        return [plain(one) for one in value.array_value.values] if kind == "array_value" else getattr(value, kind)

    return {one.key: plain(one.value) for one in attributes}


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    found = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", found.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def run(folder: Path, url: str, **env: str) -> tuple[int, str]:
    (folder / "companies").mkdir()
    (folder / "companies" / "two.yaml").write_text(COMPANY, encoding="utf-8")
    arguments = ["run", "a thing", "--company", "two", "--model", f"{url}#scripted", "--name", "r1", "--quiet"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentverse", *arguments,
        cwd=folder, env={**os.environ, "AGENTVERSE_CONFIG_HOME": str(folder), **env},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_run_is_a_workflow_of_agents_that_chat(tmp_path: Path, collector: Collector) -> None:
    replies = [Reply("red", samples=("red",)), "nonsense", Reply('{"approved": true}', thinking="hm")]
    async with ScriptedServer(replies) as server:
        code, said = await run(tmp_path, server.url, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert (code, said) == (0, "")
    assert collector.service == "agentverse"
    tree = {span.span_id: span for span in collector.spans}
    above = {span.name: tree[span.parent_span_id].name if span.parent_span_id else "" for span in collector.spans}
    assert above["invoke_workflow two"] == ""
    assert above["invoke_agent cto"] == above["invoke_agent ceo"] == "invoke_workflow two"
    chats = [span for span in collector.spans if span.name == "chat scripted"]
    assert [tree[span.parent_span_id].name for span in chats] == ["invoke_agent cto", *["invoke_agent ceo"] * 2]
    assert len({span.trace_id for span in collector.spans}) == 1
    first, last = values(chats[0].attributes), values(chats[-1].attributes)
    assert first["gen_ai.operation.name"] == "chat"
    assert first["gen_ai.conversation.id"] == "r1"
    assert (first["gen_ai.request.choice.count"], first["gen_ai.output.type"]) == (2, "text")
    assert first["gen_ai.response.finish_reasons"] == ["stop", "stop"]
    assert first["server.port"] == int(server.url.split(":")[2].removesuffix("/v1"))
    assert last["gen_ai.output.type"] == "json"
    assert last["gen_ai.usage.input_tokens"] > last["gen_ai.usage.output_tokens"] > 0
    assert last["gen_ai.usage.reasoning.output_tokens"] == 1
    assert values(collector.named("invoke_agent ceo").attributes)["agentverse.attempts"] == 2
    assert values(collector.named("invoke_workflow two").attributes)["agentverse.outcome"] == "succeeded"
    everything = str(collector.spans)
    assert "approved" not in everything, "what is said stays out of spans"


async def test_a_run_does_not_fail_for_want_of_a_collector(tmp_path: Path, unused_tcp_port: int) -> None:
    async with ScriptedServer(["red", '{"approved": true}']) as server:
        code, _ = await run(tmp_path, server.url, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{unused_tcp_port}")
    assert code == 0


def test_without_the_extra_it_is_said_what_to_install_and_nothing_is_traced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)  # as if it were not installed
    with collected():
        pass
    assert "pip install 'agentverse[otel]'" in capsys.readouterr().err
    model = RecordingModel(Recording())
    assert traced(model) is model


async def test_a_call_that_fails_says_so_in_its_span() -> None:
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    model = TracedModel(RecordingModel(Recording()), provider.get_tracer("test"))
    with pytest.raises(RecordingExhausted):
        await model.complete(Request((Message("user", "x"),), key="a#1/-/1.1"))
    (span,) = memory.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "RecordingExhausted"
    assert span.status.description is not None
    assert "no reply for a#1/-/1" in span.status.description
    assert span.events == (), "no stack traces"
