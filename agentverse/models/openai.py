"""Any server that speaks OpenAI's chat API: vLLM, llama.cpp, SGLang, Ollama, hosted ones."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from agentverse.errors import ContextOverflow, ModelError, ModelRejected, SettingsError, ToolsRefused
from agentverse.journal.events import Usage
from agentverse.models import calling, estimate
from agentverse.models.body import SMALLEST_REPLY, build, thinks
from agentverse.models.call import Call, NotFound
from agentverse.models.constraint import satisfies
from agentverse.models.contact import why_not_there
from agentverse.models.counters import Counters, read_counters, since
from agentverse.models.dialect import DIALECTS, OPENAI, usual
from agentverse.models.endpoint import base_url, shown
from agentverse.models.keys import REQUEST_HEADER, SESSION_HEADER, header_value, request_id
from agentverse.models.profiles import profile_for
from agentverse.models.protocol import Choice, Profile, Request, Response
from agentverse.models.replicas import Replicas
from agentverse.models.retry import AttemptFailed, Errand, Policy, with_retries
from agentverse.models.spec import ModelSpec
from agentverse.models.survey import survey
from agentverse.models.wire import Garbled, decode, encode

TOKENIZE_SECONDS = 5.0
"""Time a server is given to count tokens."""
_CONSTRAINED = re.compile(r"schema|grammar|response_format|structured|regex|pattern", re.IGNORECASE)
"""What a refusal of a constraint speaks of."""


_TOOLS = re.compile(r"tool", re.IGNORECASE)
"""What a refusal of tools speaks of."""


class OpenAIModel:
    """A model behind an OpenAI-compatible server.

    Args:
        spec: its settings; ``base_url`` is required.

    Raises:
        SettingsError: the address is missing or is none.
    """

    provider = "openai"

    def __init__(self, spec: ModelSpec) -> None:
        if not spec.urls:
            raise SettingsError("the openai provider needs base_url", fix="Write one such as http://127.0.0.1:8000/v1.")
        self.urls = tuple(dict.fromkeys(map(base_url, spec.urls)))
        self.where = ", ".join(map(shown, self.urls))
        self.name = spec.model
        self._spec = spec
        self._policy = Policy(spec.retries, spec.backoff, spec.timeout)
        self._replicas: Replicas | None = None
        self._context = spec.context
        self._sees: bool | None = None
        """As the server says."""
        self._one_sample = False
        self._refused: set[bytes] = set()
        """Constraints that the server does not take."""
        self._toolless = False
        """The server refused tools."""
        self._before: dict[str, Counters] = {}
        """By server, at first contact."""
        self._manner = usual(DIALECTS[spec.dialect] if spec.dialect else OPENAI)
        self.profile = self._profile()

    def __repr__(self) -> str:
        return f"OpenAIModel({self.where!r}, {self.name!r})"

    async def contact(self) -> Mapping[str, Any]:
        """Ask the servers which models they have, how long a prompt they take and what they understand. Not retried.

        Raises:
            ModelUnavailable, ModelDenied, ModelNotFound: none of them can be used.
        """
        found = await survey(self._join(), self._spec)
        self.name, self._manner = found.first.model, found.manner
        self._sees = found.first.sees
        self._context = min(filter(None, (self._spec.context, found.context)), default=None)
        self.profile = self._profile()
        self._before = {one.endpoint.where: one.counters for one in found.found if one.counters}
        return found.facts(self.profile.context)

    async def counted(self) -> Mapping[str, Counters]:
        """See `agentverse.models.counters.Counted`."""
        found: dict[str, Counters] = {}
        for endpoint in self._join().all:
            if before := self._before.get(endpoint.where):
                found[endpoint.where] = since(before, await read_counters(endpoint))
        return {where: counters for where, counters in found.items() if any(counters.values())}

    async def token_count(self, text: str) -> int | None:
        """See `agentverse.models.tokens.Tokenizes`."""
        field = self._manner.dialect.tokenize
        if not field:
            return None
        endpoint = self._join().all[0]
        # vLLM wants the model and adds special tokens unless told otherwise; llama.cpp does neither.
        named = {"model": self.name, "add_special_tokens": False} if field == "prompt" else dict[str, Any]()
        try:
            async with asyncio.timeout(TOKENIZE_SECONDS):
                answer = await endpoint.post(
                    encode({field: text, **named}), {}, model=self.name, path=endpoint.beside("tokenize")
                )
            found = decode(answer)
        except (AttemptFailed, Garbled, TimeoutError):
            return None
        made = cast("dict[str, Any]", found).get("tokens") if isinstance(found, dict) else None
        return len(cast("list[Any]", made)) if isinstance(made, list) else None

    async def complete(self, request: Request) -> Response:
        """See `agentverse.models.protocol.ChatModel`. Samples that the server does not draw in one request are asked
        for one by one, at the same time.
        """
        if not self.name:
            await self.contact()
        begun = time.monotonic()
        if self._one_sample:
            answers = await self._apart(request, 1, request.n)
        else:
            answers = [await self._together(request)]
            answers += await self._apart(request, 1 + len(answers[0].choices), request.n)
        first = answers[0]
        if len(answers) == 1:
            return first
        return replace(
            first,
            choices=tuple(choice for answer in answers for choice in answer.choices)[: request.n],
            usage=sum((answer.usage for answer in answers[1:]), first.usage),
            seconds=max(first.seconds, time.monotonic() - begun),
            requests=len(answers),
        )

    async def close(self) -> None:
        """Give the connections back. Safe to call twice; the next call opens them again."""
        replicas, self._replicas = self._replicas, None
        if replicas is not None:
            await replicas.leave()

    def _profile(self) -> Profile:
        profile = profile_for(self.name)
        tools = self._spec.tools if self._spec.tools is not None else profile.tools and self._manner.dialect.tools
        sees = next((said for said in (self._spec.sees, self._sees, profile.sees) if said is not None), None)
        context = self._context or profile.context
        return replace(profile, context=context, tools=tools and not self._toolless, sees=sees)

    def _join(self) -> Replicas:
        if self._replicas is None or self._replicas.loop is not asyncio.get_running_loop():
            self._replicas = Replicas(self.urls, self._spec.api_key.get_secret_value(), self._spec.in_flight)
        return self._replicas

    async def _together(self, request: Request) -> Response:
        """All samples in one request; the first alone when the server draws no more."""
        try:
            return await self._call(request, request.n)
        except ModelRejected as error:
            if request.n == 1 or isinstance(error, ContextOverflow):
                raise
            first = await self._call(request, 1)
            self._one_sample = True
            return first

    async def _apart(self, request: Request, first: int, last: int) -> list[Response]:
        """The samples from the ``first`` to the ``last``, each in a request of its own. Only the first is shown."""
        if first > last:
            return []
        quiet = replace(request, on_delta=None)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._call(request if number == 1 else quiet, 1, sample=number))
                    for number in range(first, last + 1)
                ]
        except* ModelError as failed:
            raise _first_error(failed) from None
        return [task.result() for task in tasks]

    async def _call(self, request: Request, n: int, *, sample: int = 1) -> Response:
        refused = bool(self._refused) and self._constraint(request) in self._refused
        asked = replace(request, constraint=None) if refused else request
        body = build(
            asked,
            model=self.name,
            spec=self._spec,
            profile=self.profile,
            manner=self._manner,
            n=n,
            sample=sample,
        )
        try:
            return replace(await self._send(request, body, sample), unconstrained=refused)
        except ContextOverflow as error:
            # The prompt fits after all when the reply is given less room; its length is exact now, not estimated.
            limit = self.profile.max_tokens_field
            room = error.context - error.prompt
            if not error.prompt or room < SMALLEST_REPLY or room >= body.get(limit, 0):
                raise
            shorter = await self._send(request, {**body, limit: room}, sample)
            return replace(shorter, unconstrained=refused)
        except ModelRejected as error:
            if "logprobs" in body and "logprob" in str(error).lower():
                self._manner = replace(self._manner, logprobs=False)
                return await self._call(request, n, sample=sample)
            if request.tools and _TOOLS.search(str(error)):
                self._toolless = True
                self.profile = replace(self.profile, tools=False)
                raise ToolsRefused(str(error), fix=error.fix) from error
            # Some grammars no server compiles: the reply is asked for without, and read as one that may be anything.
            if refused or request.constraint is None or not _CONSTRAINED.search(str(error)):
                raise
            self._refused.add(self._constraint(request))
            return await self._call(request, n, sample=sample)

    def _constraint(self, request: Request) -> bytes:
        """What is sent for a request's constraint; no bytes when nothing is."""
        return encode(self._manner.dialect.constrain(request.constraint)) if request.constraint is not None else b""

    async def _send(self, request: Request, body: Mapping[str, Any], sample: int) -> Response:
        replicas = self._join()
        headers = {REQUEST_HEADER: request_id(request.run, request.key, sample)}
        if request.run:
            headers[SESSION_HEADER] = header_value(request.run)
        call = Call(self.name, request, encode(body), headers, streamed="stream" in body)
        errand = Errand(request.run, request.priority, request.deadline, self._policy)
        try:
            completion = await with_retries(call.attempt, replicas=replicas, errand=errand)
        except NotFound:
            raise await why_not_there(replicas.all[0], self.name) from None
        choices = tuple(self._heard(choice, request) for choice in completion.choices)
        return Response(
            choices,
            self._usage(request, choices, completion.usage),
            completion.model or self.name,
            call.seconds,
            call.first_token,
            where=call.where,
        )

    def _heard(self, choice: Choice, request: Request) -> Choice:
        """A reply that a server's reasoning parser took for a thought is a reply all the same; a call is text."""
        if choice.calls:
            return calling.heard(choice, request.tools)
        if choice.text.strip() or not choice.thinking:
            return choice
        aloud = self._manner.mislabels and not thinks(request, self._spec, self.profile) and choice.finish == "stop"
        if aloud or (request.constraint is not None and satisfies(choice.thinking, request.constraint)):
            return replace(choice, text=choice.thinking, thinking="")
        return choice

    def _usage(self, request: Request, choices: tuple[Choice, ...], usage: Usage | None) -> Usage:
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
