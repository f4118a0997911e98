"""A real HTTP server with the OpenAI chat API, whose model is a script."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from aiohttp import web

from agentverse.errors import RecordingExhausted
from agentverse.journal.events import Usage
from agentverse.models.embeddings.hashing import vector
from agentverse.models.keys import CONTACT_KEY, REQUEST_HEADER, read_request_id
from agentverse.models.recording import Recording
from agentverse.testing.answers import completion, cut, error_response, prompt_tokens, stream, usage_of
from agentverse.testing.corrupt import corrupt_share
from agentverse.testing.manners import Manners
from agentverse.testing.script import Reply, Script, fault

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]] | Reply]
"""Vectors of texts, or a fault."""

_LARGEST_BODY = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def key(self) -> str:
        """The step key, from ``X-Request-Id``."""
        return read_request_id(self.headers.get(REQUEST_HEADER, ""))

    @property
    def call(self) -> str:
        """``RUN/KEY``, without line breaks."""
        return self.headers.get(REQUEST_HEADER, "-")


class ScriptedServer:
    """Answers on loopback while the ``async with`` lasts.

    Args:
        script: see `agentverse.testing.script.Script`.
        port: 0 takes a free one.
        models: names it knows; a request for another is a 404.
        context: tokens of a prompt and its reply; longer requests are refused as vLLM refuses them. 0 checks nothing.
        api_key: when set, requests without it are a 401.
        manners: which dialect it speaks, and how well.
        one_sample: refuse ``n`` above 1, as some servers do.
        corrupt: share of the replies that are corrupted.
        seed: which ones, together with the key of the request.
        log: file that gets a line ``started RUN/KEY`` and a line ``finished RUN/KEY`` (or ``dropped``) for each
            call, each written at once.
        keep: keep the requests in `requests`.
        embed: vectors of texts, for requests to ``/v1/embeddings``; hashing when left out.

    Attributes:
        requests: chat requests received, in order.
        probes: what was asked at first contact, which the server answers by itself; counted nowhere else.
        embedded: requests for embeddings received, in order; counted nowhere else.
        tokenized: texts whose tokens were asked for, in order; a token is a character of it.
        started: how many have begun.
        finished: how many were answered to the end.
        dropped: how many were given up by the client.
        healthy: whether ``/health`` says so.
    """

    def __init__(
        self,
        script: Script,
        *,
        port: int = 0,
        models: Sequence[str] = ("scripted",),
        context: int = 0,
        api_key: str = "",
        manners: Manners | None = None,
        one_sample: bool = False,
        corrupt: float = 0.0,
        seed: int = 0,
        log: str | Path | None = None,
        keep: bool = True,
        embed: Embed | None = None,
    ) -> None:
        self._script = script
        self._port = port
        self._models = tuple(models)
        self._context = context
        self._api_key = api_key
        self._manners = manners or Manners()
        self._one_sample = one_sample
        self._corrupt, self._seed = corrupt, seed
        self._log_path = log
        self._log: int | None = None
        self._keep = keep
        self._embed = embed
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self._changed = asyncio.Condition()
        self.requests: list[Received] = []
        self.probes: list[Received] = []
        self.embedded: list[Received] = []
        self.tokenized: list[str] = []
        self.started = self.finished = self.dropped = 0
        self._used = Usage()
        self.url = ""
        self.healthy = True

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_post("/tokenize", self._tokenize)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/health", self._health)
        app.router.add_get("/version", self._version)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/props", self._props)
        app.router.add_get("/lora-adapters", self._adapters)
        if self._log_path is not None:
            self._log = os.open(self._log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        port = cast("tuple[str, int]", self._runner.addresses[0])[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._log is not None:
            os.close(self._log)
            self._log = None

    async def wait_for(self, *, started: int = 0, finished: int = 0, dropped: int = 0) -> None:
        """Return once at least so many calls were started, finished and given up."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self.started >= started and self.finished >= finished and self.dropped >= dropped
            )

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(status=200 if self.healthy else 503)

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "scripted"})

    async def _list_models(self, request: web.Request) -> web.Response:
        if refused := self._refuse_key(request):
            return refused
        return web.json_response({"object": "list", "data": self._manners.listed(self._models, self._context)})

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._manners.counters(self._used))

    async def _props(self, _request: web.Request) -> web.Response:
        if self._manners.dialect != "llamacpp":
            return error_response(fault("404"))
        slot = {"n_ctx": self._context} if self._context else dict[str, int]()
        return web.json_response(
            {
                "default_generation_settings": slot,
                "build_info": "scripted",
                "modalities": {"vision": self._manners.sees},
            }
        )

    async def _adapters(self, _request: web.Request) -> web.Response:
        if self._manners.dialect != "llamacpp":
            return error_response(fault("404"))
        loaded = [
            {"id": number, "path": f"/m/{name}.gguf", "scale": 0.0}
            for number, name in enumerate(self._manners.adapters)
        ]
        return web.json_response(loaded)

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        received = Received(json.loads(raw), request.headers.copy(), raw)
        self.embedded.append(received)
        if refused := self._refuse_key(request):
            return refused
        texts = received.body["input"]
        vectors = self._embed(texts) if self._embed is not None else [list(vector(text)) for text in texts]
        if isinstance(vectors, Reply):
            return error_response(vectors)
        rows = [{"object": "embedding", "index": place, "embedding": row} for place, row in enumerate(vectors)]
        # In any order: the index says which is which.
        return web.json_response({"object": "list", "model": received.body.get("model"), "data": rows[::-1]})

    async def _tokenize(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        field = {"vllm": "prompt", "llamacpp": "content"}.get(self._manners.dialect)
        if field is None or field not in body:
            return error_response(fault("404"))
        self.tokenized.append(body[field])
        tokens = list(range(len(body[field])))
        return web.json_response({"tokens": tokens} | ({"count": len(tokens)} if field == "prompt" else {}))

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        received = Received(json.loads(raw), request.headers.copy(), raw)
        if received.key == CONTACT_KEY:
            self.probes.append(received)
            return await self._greet(request, received)
        if self._keep:
            self.requests.append(received)
        number = self.started
        await self._count("started", received.call)
        try:
            if refused := self._refuse_key(request):
                response: web.StreamResponse = refused
            else:
                response = await self._answer(request, received, number)
        except (asyncio.CancelledError, ConnectionResetError):
            await asyncio.shield(self._count("dropped", received.call))
            raise
        await self._count("finished", received.call)
        return response

    async def _greet(self, request: web.Request, received: Received) -> web.StreamResponse:
        body = received.body
        refusal = self._refusal(body)
        if refused := self._refuse_key(request) or (error_response(refusal) if refusal else None):
            return refused
        reply = self._manners.greet(body)
        return await stream(request, body, reply) if body.get("stream") else web.json_response(completion(body, reply))

    async def _count(self, what: str, call: str) -> None:
        setattr(self, what, getattr(self, what) + 1)
        if self._log is not None:
            os.write(self._log, f"{what} {call}\n".encode())
        async with self._changed:
            self._changed.notify_all()

    def _refuse_key(self, request: web.Request) -> web.Response | None:
        if not self._api_key or request.headers.get("Authorization") == f"Bearer {self._api_key}":
            return None
        return error_response(fault("401"))

    async def _answer(self, request: web.Request, received: Received, number: int) -> web.StreamResponse:
        body = received.body
        reply = self._refusal(body) or await self._reply(received, number)
        if self._corrupt:
            reply = corrupt_share(reply, self._corrupt, self._seed, received.key)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.status >= 400:
            return error_response(reply)
        if reply.breaks == "hang":
            await self._stopping.wait()
            return error_response(fault("503"))
        if reply.breaks == "garbage":
            return web.Response(text="<html><body>Welcome to nginx!</body></html>", content_type="text/html")
        if reply.breaks == "cut_connection":
            return await cut(request, completion(body, reply))
        self._used += usage_of(body, reply)
        if body.get("stream"):
            return await stream(request, body, reply)
        if reply.breaks == "cut_stream":
            return await cut(request, completion(body, reply), send=0.5)
        return web.json_response(completion(body, reply), headers=reply.headers)

    def _refusal(self, body: Mapping[str, Any]) -> Reply | None:
        if not self._manners.knows(body.get("model"), self._models):
            return fault("404", message=f"The model `{body.get('model')}` does not exist.")
        if self._one_sample and body.get("n", 1) != 1:
            return fault("400", message="Only one completion choice is allowed")
        if refusal := self._manners.refusal(body):
            return refusal
        prompt, asked = prompt_tokens(body), body.get("max_tokens") or 0
        if self._context and prompt + asked > self._context:
            return fault(
                "context_overflow",
                message=f"This model's maximum context length is {self._context} tokens. However, you requested "
                f"{prompt + asked} tokens ({prompt} in the messages, {asked} in the completion).",
            )
        return None

    async def _reply(self, received: Received, number: int) -> Reply:
        script = self._script
        if isinstance(script, Recording):
            try:
                recorded = script.reply(received.key)
            except RecordingExhausted as error:
                return fault("400", message=str(error))
            return Reply(
                recorded.text,
                recorded.thinking,
                recorded.finish,
                samples=tuple(recorded.samples),
                usage=recorded.usage,
            )
        if callable(script):
            answer = script(received.body, received.headers)
            if not isinstance(answer, Reply | str):
                answer = await answer
        elif number < len(script):
            answer = script[number]
        else:
            return fault("400", message=f"the script has only {len(script)} replies; this is request {number + 1}")
        return Reply(answer) if isinstance(answer, str) else answer
