"""First contact: what each server of a model turns out to be, and whether they are alike."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentverse.errors import ModelError
from agentverse.models.body import build
from agentverse.models.call import Call, NotFound
from agentverse.models.contact import adapter, context_of, list_models, sees, version_of, why_not_there
from agentverse.models.counters import Counters, read_counters
from agentverse.models.dialect import Manner
from agentverse.models.endpoint import Endpoint
from agentverse.models.keys import REQUEST_HEADER, request_id
from agentverse.models.probe import PROBE, candidates, probe
from agentverse.models.profiles import profile_for
from agentverse.models.protocol import Choice
from agentverse.models.replicas import Replicas
from agentverse.models.retry import AttemptFailed
from agentverse.models.spec import ModelSpec
from agentverse.models.wire import encode


@dataclass(frozen=True, slots=True)
class Found:
    """What one server turned out to be.

    Attributes:
        model: the name it is asked by.
        models: all it has.
        server: its product; "" when it does not say.
        context: tokens of a request; None when it does not say.
        sees: whether it takes pictures; None when it does not say.
        counters: as they stood.
    """

    endpoint: Endpoint
    model: str
    models: Sequence[str]
    server: str
    version: str
    context: int | None
    sees: bool | None
    manner: Manner
    counters: Counters

    def like(self, other: Found) -> bool:
        """Whether a call may go to either."""
        return (self.model, self.manner.dialect) == (other.model, other.manner.dialect)


@dataclass(frozen=True, slots=True)
class Survey:
    """The servers that answered and are alike, and what is wrong with the others, by address."""

    found: Sequence[Found]
    problems: Mapping[str, str]

    @property
    def first(self) -> Found:
        return self.found[0]

    @property
    def context(self) -> int | None:
        """The smallest of all."""
        return min((one.context for one in self.found if one.context), default=None)

    @property
    def manner(self) -> Manner:
        """What all of them do."""
        manners = [one.manner for one in self.found]
        held = {manner.constraints for manner in manners}
        return replace(
            manners[0],
            constraints=next(level for level in ("ignored", "unknown", "enforced") if level in held),
            priority=all(manner.priority for manner in manners),
            thinking_budget=all(manner.thinking_budget for manner in manners),
            template=all(manner.template for manner in manners),
            mislabels=all(manner.mislabels for manner in manners),
        )

    def facts(self, context: int) -> dict[str, Any]:
        """For the journal. ``context`` is what the run goes by."""
        first, manner = self.first, self.manner
        facts: dict[str, Any] = {"url": first.endpoint.where, "model": first.model, "models": list(first.models)}
        facts |= {"server": first.server, "context": context, "dialect": manner.dialect.name}
        facts |= {name: getattr(manner, name) for name in ("constraints", "priority", "thinking_budget")}
        if first.sees is not None:
            facts["sees"] = first.sees
        if first.version:
            facts["version"] = first.version
        if len(self.found) + len(self.problems) > 1:
            facts["replicas"] = [one.endpoint.where for one in self.found]
            facts["missing"] = dict(self.problems)
        return facts


async def survey(replicas: Replicas, spec: ModelSpec) -> Survey:
    """Look at all servers at once. One that does not answer may come later; one that is unlike the first is left out.

    Raises:
        ModelUnavailable, ModelDenied, ModelNotFound: none can be used; this is what is wrong with the first.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_look(endpoint, spec)) for endpoint in replicas.all]
    results = [task.result() for task in tasks]
    found = [one for one in results if isinstance(one, Found)]
    failed = [one for one in results if isinstance(one, ModelError)]
    if not found:
        raise failed[0]
    problems: dict[str, str] = {}
    for endpoint, result in zip(list(replicas.all), results, strict=True):
        if isinstance(result, ModelError):
            problems[endpoint.where] = str(result)
            endpoint.fell()
        elif not result.like(found[0]):
            problems[endpoint.where] = (
                f"it has {result.model} and speaks {result.manner.dialect.name}, unlike the first"
            )
            replicas.leave_out(endpoint)
    return Survey([one for one in found if one.like(found[0])], problems)


async def _look(endpoint: Endpoint, spec: ModelSpec) -> Found | ModelError:
    try:
        listing = await list_models(endpoint)
        model = listing.choose(spec.model, endpoint.where)
        chosen = await adapter(endpoint, listing, spec.lora)
        manner = await _manner(endpoint, spec, model, listing.owner)
        context = await context_of(endpoint, listing, model)
        seen = await sees(endpoint, listing)
        version = await version_of(endpoint, listing)
        counters = await read_counters(endpoint)
    except ModelError as error:
        return error
    manner = replace(manner, adapter=chosen)
    return Found(endpoint, model, listing.names, listing.kind, version, context, seen, manner, counters)


async def _manner(endpoint: Endpoint, spec: ModelSpec, model: str, owner: str) -> Manner:
    profile = profile_for(model)

    async def ask(manner: Manner) -> Choice:
        body = build(PROBE, model=model, spec=spec, profile=profile, manner=manner, budget=0)
        headers = {REQUEST_HEADER: request_id("", PROBE.key)}
        call = Call(model, PROBE, encode(body), headers, streamed="stream" in body)
        return (await call.attempt(endpoint)).choices[0]

    try:
        return await probe(
            ask,
            candidates(spec.dialect or "", owner),
            priority=spec.priority,
            thinking=profile.thinking != "never",
        )
    except AttemptFailed as failed:
        if isinstance(failed.error, NotFound):
            raise await why_not_there(endpoint, model) from None
        raise failed.error from failed.__cause__
