"""Any server that speaks OpenAI's chat API: vLLM, llama.cpp, SGLang, Ollama, hosted ones."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agentverse.errors import ContextOverflow, ModelError, ModelRejected, SettingsError
from agentverse.journal.events import Usage
from agentverse.models import estimate
from agentverse.models.body import SMALLEST_REPLY, build, thinks
from agentverse.models.call import Call, NotFound
from agentverse.models.constraint import satisfies
from agentverse.models.contact import adapter, context_of, list_models, version_of, why_not_there
from agentverse.models.dialect import DIALECTS, OPENAI, Manner
from agentverse.models.endpoint import Endpoint, base_url, shown
from agentverse.models.keys import REQUEST_HEADER, SESSION_HEADER, header_value, request_id
from agentverse.models.probe import PROBE, candidates, probe
from agentverse.models.profiles import profile_for
from agentverse.models.protocol import Choice, Profile, Request, Response
from agentverse.models.retry import AttemptFailed, Policy, with_retries
from agentverse.models.spec import ModelSpec
from agentverse.models.wire import encode

_CONSTRAINED = re.compile(r"schema|grammar|response_format|structured|regex|pattern", re.IGNORECASE)
"""What a refusal of a constraint speaks of."""


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
        self._refused: set[bytes] = set()
        """Constraints that the server does not take."""
        self._manner = Manner(DIALECTS[spec.dialect] if spec.dialect else OPENAI)
        self.profile = self._profile()

    def __repr__(self) -> str:
        return f"OpenAIModel({self.where!r}, {self.name!r})"

    async def contact(self) -> Mapping[str, Any]:
        """Ask the server which models it has, how long a prompt it takes and what it understands. Not retried.

        Raises:
            ModelUnavailable, ModelDenied, ModelNotFound.
        """
        endpoint = self._join()
        listing = await list_models(endpoint)
        self.name = listing.choose(self.name, self.where)
        chosen = await adapter(endpoint, listing, self._spec.lora)
        said = await context_of(endpoint, listing, self.name)
        self._context = min(filter(None, (self._spec.context, said)), default=None)
        self.profile = self._profile()
        self._manner = replace(await self._probe(endpoint, listing.owner), adapter=chosen)
        facts: dict[str, Any] = {"url": self.where, "model": self.name, "models": listing.names}
        facts |= {"server": listing.kind, "context": self.profile.context, "dialect": self._manner.dialect.name}
        facts |= {name: getattr(self._manner, name) for name in ("constraints", "priority", "thinking_budget")}
        if version := await version_of(endpoint, listing):
            facts["version"] = version
        return facts

    async def _probe(self, endpoint: Endpoint, owner: str) -> Manner:
        async def ask(manner: Manner) -> Choice:
            data = encode(self._body(PROBE, manner=manner, budget=0))
            headers = {REQUEST_HEADER: request_id("", PROBE.key)}
            return (await Call(endpoint, self.name, PROBE, data, headers).attempt()).choices[0]

        try:
            return await probe(
                ask,
                candidates(self._spec.dialect or "", owner),
                priority=self._spec.priority,
                thinking=self.profile.thinking != "never",
            )
        except AttemptFailed as failed:
            if isinstance(failed.error, NotFound):
                raise await why_not_there(endpoint, self.name) from None
            raise failed.error from failed.__cause__

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
        fields = encode(self._manner.dialect.constrain(request.constraint)) if request.constraint else b""
        refused = fields in self._refused
        asked = replace(request, constraint=None) if refused else request
        body = self._body(asked, n=n, sample=sample)
        try:
            return replace(await self._send(request, body, sample), unconstrained=refused)
        except ContextOverflow as error:
            # The prompt fits after all when the reply is given less room; its length is exact now, not estimated.
            limit = self.profile.max_tokens_field
            room = error.context - error.prompt
            if not error.prompt or room < SMALLEST_REPLY or room >= body.get(limit, 0):
                raise
            return await self._send(request, {**body, limit: room}, sample)
        except ModelRejected as error:
            # Some grammars no server compiles: the reply is asked for without, and read as one that may be anything.
            if refused or not fields or not _CONSTRAINED.search(str(error)):
                raise
            self._refused.add(fields)
            return await self._call(request, n, sample=sample)

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
            raise await why_not_there(endpoint, self.name) from None
        choices = tuple(self._heard(choice, request) for choice in completion.choices)
        usage = self._counted(request, choices, completion.usage)
        return Response(choices, usage, completion.model or self.name, call.seconds, call.first_token)

    def _body(self, request: Request, **more: Any) -> dict[str, Any]:
        manner = more.pop("manner", self._manner)
        return build(request, model=self.name, spec=self._spec, profile=self.profile, manner=manner, **more)

    def _heard(self, choice: Choice, request: Request) -> Choice:
        """A reply that a server's reasoning parser took for a thought is a reply all the same."""
        if choice.text.strip() or not choice.thinking:
            return choice
        aloud = self._manner.mislabels and not thinks(request, self._spec, self.profile) and choice.finish == "stop"
        if aloud or (request.constraint is not None and satisfies(choice.thinking, request.constraint)):
            return replace(choice, text=choice.thinking, thinking="")
        return choice

    def _counted(self, request: Request, choices: tuple[Choice, ...], usage: Usage | None) -> Usage:
        """What the server counted; what it did not say is estimated."""
        if usage is None:
            if not self.profile.usage_estimated:
                self.profile = replace(self.profile, usage_estimated=True)
            return estimate.usage(request.messages, choices, self.profile)
        if usage.reasoning or not any(choice.thinking for choice in choices):
            return usage
        thought = sum(estimate.tokens(choice.thinking, self.profile.chars_per_token) for choice in choices)
        return usage.model_copy(update={"reasoning": min(thought, usage.completion)})


def _first_error(group: BaseExceptionGroup[ModelError]) -> ModelError:
    first = group.exceptions[0]
    return _first_error(first) if isinstance(first, BaseExceptionGroup) else first
