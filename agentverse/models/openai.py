"""Any server that speaks OpenAI's chat API: vLLM, llama.cpp, SGLang, Ollama, hosted ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from agentverse.errors import ContextOverflow, ModelError, ModelNotFound, ModelRejected, ModelUnavailable, SettingsError
from agentverse.models import estimate
from agentverse.models.call import Call, NotFound
from agentverse.models.endpoint import Endpoint, base_url, shown
from agentverse.models.failures import NotThere
from agentverse.models.keys import REQUEST_HEADER, SESSION_HEADER, header_value, request_id
from agentverse.models.messages import normalise
from agentverse.models.profiles import profile_for
from agentverse.models.protocol import Profile, Request, Response
from agentverse.models.retry import AttemptFailed, Policy, with_retries
from agentverse.models.spec import ModelSpec
from agentverse.models.wire import Garbled, decode, encode

SMALLEST_REPLY = 256
"""Tokens a reply needs to be worth asking for."""
MARGIN = 1.1
"""How far an estimated prompt may be short of the real one."""


class OpenAIModel:
    """A model behind an OpenAI-compatible server.

    Args:
        spec: its settings; ``base_url`` is required.

    Raises:
        SettingsError: the address is missing or is none.
    """

    provider = "openai"

    def __init__(self, spec: ModelSpec) -> None:
        if not spec.base_url:
            raise SettingsError("the openai provider needs base_url", fix="Write one such as http://127.0.0.1:8000/v1.")
        self.url = base_url(spec.base_url)
        self.where = shown(self.url)
        self.name = spec.model
        self._spec = spec
        self._policy = Policy(spec.retries, spec.backoff, spec.timeout)
        self._endpoint: Endpoint | None = None
        self._context = spec.context
        self._one_sample = False
        self.profile = self._profile()

    def __repr__(self) -> str:
        return f"OpenAIModel({self.where!r}, {self.name!r})"

    async def contact(self) -> Mapping[str, Any]:
        """Ask the server which models it has and how long a prompt it takes. Not retried.

        Raises:
            ModelUnavailable, ModelDenied, ModelNotFound.
        """
        endpoint = self._join()
        models = await self._models(endpoint)
        names = [str(model.get("id", "")) for model in models]
        owner = str(models[0].get("owned_by", "")) if models else ""
        server = {"vllm": "vllm", "llamacpp": "llama.cpp", "library": "ollama", "sglang": "sglang"}.get(owner, "")
        if not self.name:
            if not names:
                raise ModelNotFound(f"{self.where} has no model", fix="Load one, or name it with #MODEL.")
            self.name = names[0]
        elif server == "vllm" and self.name not in names:
            raise self._unknown_model(names)
        mine = next((model for model in models if model.get("id") == self.name), dict[str, Any]())
        said = await self._context_of(endpoint, server, mine)
        self._context = min(filter(None, (self._spec.context, said)), default=None)
        self.profile = self._profile()
        facts: dict[str, Any] = {"url": self.where, "model": self.name, "models": names, "server": server}
        facts["context"] = self.profile.context
        if version := await self._version(endpoint):
            facts["version"] = version
        return facts

    async def complete(self, request: Request) -> Response:
        """See `agentverse.models.protocol.ChatModel`. Further samples that the server does not draw in one request are
        asked for one by one, at the same time.
        """
        if not self.name:
            await self.contact()
        begun = time.monotonic()
        n = 1 if self._one_sample else request.n
        try:
            first = await self._call(request, n)
        except ModelRejected as error:
            if n == 1 or isinstance(error, ContextOverflow):
                raise
            first = await self._call(request, 1)
            self._one_sample = True
        answers = [first]
        missing = request.n - len(first.choices)
        if missing > 0:
            answers += await self._more(request, missing)
        return replace(
            first,
            choices=tuple(choice for answer in answers for choice in answer.choices)[: request.n],
            usage=sum((answer.usage for answer in answers[1:]), first.usage),
            seconds=max(first.seconds, time.monotonic() - begun) if len(answers) > 1 else first.seconds,
        )

    async def close(self) -> None:
        """Give the connection back. Safe to call twice; the next call opens it again."""
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            await endpoint.leave()

    def _profile(self) -> Profile:
        profile = profile_for(self.name)
        return replace(profile, context=self._context or profile.context)

    def _join(self) -> Endpoint:
        if self._endpoint is None or self._endpoint.loop is not asyncio.get_running_loop():
            self._endpoint = Endpoint.join(self.url, self._spec.api_key.get_secret_value(), self._spec.in_flight)
        return self._endpoint

    async def _more(self, request: Request, missing: int) -> list[Response]:
        quiet = replace(request, on_delta=None)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._call(quiet, 1, sample=2 + index)) for index in range(missing)]
        except* ModelError as failed:
            raise _first_error(failed) from None
        return [task.result() for task in tasks]

    async def _call(self, request: Request, n: int, *, sample: int = 1) -> Response:
        body = self._body(request, n, sample)
        try:
            return await self._send(request, body, sample)
        except ContextOverflow as error:
            # The prompt fits after all when the reply is given less room; its length is exact now, not estimated.
            limit = self.profile.max_tokens_field
            room = error.context - error.prompt
            if not error.prompt or room < SMALLEST_REPLY or room >= body.get(limit, 0):
                raise
            return await self._send(request, {**body, limit: room}, sample)

    async def _send(self, request: Request, body: Mapping[str, Any], sample: int) -> Response:
        endpoint = self._join()
        data = encode(body)
        headers = {REQUEST_HEADER: request_id(request.run, request.key, sample)}
        if request.run:
            headers[SESSION_HEADER] = header_value(request.run)
        call = Call(endpoint, self.name, request, data, headers)
        try:
            completion = await with_retries(
                call.attempt,
                policy=self._policy,
                gate=endpoint.gate,
                run=request.run,
                deadline=request.deadline,
                where=self.where,
            )
        except NotFound:
            raise await self._why_not_there(endpoint) from None
        usage = completion.usage
        if usage is None:
            usage = estimate.usage(request.messages, completion.choices, self.profile)
            if not self.profile.usage_estimated:
                self.profile = replace(self.profile, usage_estimated=True)
        return Response(completion.choices, usage, completion.model or self.name, call.seconds, call.first_token)

    def _body(self, request: Request, n: int, sample: int) -> dict[str, Any]:
        profile, spec = self.profile, self._spec
        thinks = request.thinking if request.thinking is not None else bool(spec.thinking)
        thinks = profile.thinking == "always" or (profile.thinking == "switch" and thinks)
        usual = profile.thinking_sampling if thinks and profile.thinking_sampling else profile.sampling
        body: dict[str, Any] = {"model": self.name, "messages": normalise(request.messages, profile)}
        for field in ("temperature", "top_p", "seed"):
            value = _first_set(getattr(request.sampling, field), getattr(spec, field), getattr(usual, field))
            if value is not None:
                body[field] = value
        if sample > 1 and "seed" in body:
            body["seed"] += sample - 1
        if limit := self._max_tokens(request, usual.max_tokens):
            body[profile.max_tokens_field] = limit
        if request.stop:
            body["stop"] = list(request.stop)
        if n > 1:
            body["n"] = n
        if request.schema is not None:
            named = {"name": request.schema_name or "reply", "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if spec.priority:
            body["priority"] = request.priority
        if profile.thinking == "switch":
            body["chat_template_kwargs"] = {"enable_thinking": thinks}
        if request.on_delta is not None:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        for extra in (profile.extra, spec.extra):
            _merge(body, extra)
        return body

    def _max_tokens(self, request: Request, usual: int | None) -> int | None:
        """As much as is wanted and fits beside the prompt: a server refuses a request that could exceed its context."""
        wanted = _first_set(request.sampling.max_tokens, self._spec.max_tokens, usual)
        if wanted is None:
            return None
        prompt = estimate.prompt_tokens(request.messages, self.profile)
        room = self.profile.context - round(prompt * MARGIN)
        return min(wanted, max(room, SMALLEST_REPLY))

    async def _models(self, endpoint: Endpoint) -> list[Mapping[str, Any]]:
        try:
            listed = decode(await endpoint.get("/models"))
        except NotThere:
            raise ModelUnavailable(
                f"there is no OpenAI-compatible API at {self.where}",
                fix="See whether the address is right; it usually ends in /v1.",
            ) from None
        except Garbled as error:
            raise ModelUnavailable(
                f"{self.where} answered with {error}",
                fix="See whether the address is that of an OpenAI-compatible API; it usually ends in /v1.",
            ) from None
        except AttemptFailed as failed:
            raise failed.error from failed.__cause__
        data: Any = cast("dict[str, Any]", listed).get("data") if isinstance(listed, dict) else None
        return [item for item in cast("list[Any]", data or []) if isinstance(item, dict)]

    async def _context_of(self, endpoint: Endpoint, server: str, model: Mapping[str, Any]) -> int | None:
        said = model.get("max_model_len") or model.get("context_length")
        if server == "llama.cpp" and not said:
            # Its list says what the model was trained with; what a slot has is in its properties.
            props = await self._ask(endpoint, "props")
            said = cast("dict[str, Any]", props.get("default_generation_settings") or {}).get("n_ctx")
        return said if isinstance(said, int) and said > 0 else None

    async def _version(self, endpoint: Endpoint) -> str:
        facts = await self._ask(endpoint, "version")
        return str(facts.get("version", ""))

    async def _ask(self, endpoint: Endpoint, path: str) -> Mapping[str, Any]:
        """Something a server may say beside the API; {} when it does not."""
        try:
            answer = decode(await endpoint.get(f"{endpoint.bare.removesuffix('/v1')}/{path}"))
        except (AttemptFailed, Garbled):
            return {}
        return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}

    async def _why_not_there(self, endpoint: Endpoint) -> ModelError:
        try:
            models = await self._models(endpoint)
        except ModelError as error:
            return error
        return self._unknown_model([str(model.get("id", "")) for model in models])

    def _unknown_model(self, names: list[str]) -> ModelNotFound:
        listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
        return ModelNotFound(
            f"{self.where} has no model {self.name!r}", fix=f"It has: {listed}." if listed else "It has none at all."
        )


def _first_set(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _merge(body: dict[str, Any], extra: Mapping[str, Any]) -> None:
    """Add ``extra``; mappings such as chat_template_kwargs are merged, not replaced."""
    for name, value in extra.items():
        there = body.get(name)
        body[name] = {**there, **value} if isinstance(there, dict) and isinstance(value, Mapping) else value


def _first_error(group: BaseExceptionGroup[ModelError]) -> ModelError:
    first = group.exceptions[0]
    return _first_error(first) if isinstance(first, BaseExceptionGroup) else first
