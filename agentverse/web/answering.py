"""Which models answer, asked lightly: a list of models, never a reply; and not more often than every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentverse.errors import AgentverseError
from agentverse.models.profiles import profile_for
from agentverse.models.servers.discover import discover
from agentverse.models.spec import ModelSpec
from agentverse.settings import ModelSettings, Settings
from agentverse.tiers import described
from agentverse.web.served import ManagedServer
from agentverse.web.shapes.machine import Metrics, ModelState

if TYPE_CHECKING:
    from agentverse.models.endpoint import Endpoint

FRESH = 5.0
"""Seconds that an answer is good for."""
SECONDS = 3.0
"""A server that takes longer counts as silent."""

ORIGIN = "found on this machine"
_Reading = tuple[float, Mapping[str, float]]
"""When a server's counters were read, and what they were."""


@dataclass(eq=False)
class Answering:
    """Asks the models of the settings."""

    served: ManagedServer
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: float = 0.0
    _for: str = ""
    _states: list[ModelState] = field(default_factory=list[ModelState])
    _before: dict[str, _Reading] = field(default_factory=dict[str, "_Reading"])

    async def states(self, settings: Settings) -> list[ModelState]:
        """Each tier and whether it answers; what was found on this machine when nothing is configured."""
        async with self._lock:
            asked_for = settings.models.model_dump_json() + self.served.told.state
            if self._for != asked_for or time.monotonic() - self._asked > FRESH:
                self._states = await self._look(settings)
                self._for, self._asked = asked_for, time.monotonic()
            return self._states

    async def _look(self, settings: Settings) -> list[ModelState]:
        settings = self._with_served(settings)
        placed = settings.models.placed()
        looks = [_look_at(tier, model, settings) for tier, model in placed.items()]
        states = list(await asyncio.gather(*looks))
        if "edge" not in placed:
            states.insert(0, await _found(settings))
        return states

    def _with_served(self, settings: Settings) -> Settings:
        if "edge" in settings.models.placed():
            return settings
        return self.served.settings(settings) or settings

    async def metrics(self, settings: Settings) -> list[Metrics]:
        """What the servers of the settings are doing."""
        placed = self._with_served(settings).models.placed()
        found: list[Metrics] = []
        for model in placed.values():
            if model.provider == "openai":
                found += [await self._measured(endpoint, model.model) for endpoint in _replicas(model.spec())]
        return found

    async def _measured(self, endpoint: Endpoint, model: str) -> Metrics:
        from agentverse.models.counters import read_counters

        counters: Mapping[str, float] = {}
        try:
            async with asyncio.timeout(SECONDS):
                counters = await read_counters(endpoint)
        except (TimeoutError, AgentverseError):
            pass  # it does not count, or not now
        finally:
            await endpoint.leave()
        now = time.monotonic()
        then, before = self._before.get(endpoint.where, (now, counters))
        self._before[endpoint.where] = now, counters
        grown = {name: max(value - before.get(name, 0.0), 0.0) for name, value in counters.items()}
        looked_up = grown.get("queried", 0.0)
        return Metrics(
            url=endpoint.where,
            model=model,
            in_flight=endpoint.gate.in_flight,
            waiting=endpoint.gate.waiting,
            limit=endpoint.gate.limit,
            tokens_per_second=grown["generated"] / (now - then) if "generated" in grown and now > then else None,
            cache_hits=grown.get("hit", 0.0) / looked_up if looked_up else None,
        )


def _replicas(spec: ModelSpec) -> list[Endpoint]:
    """The servers of a model, as runs see them; each is to be left.

    Raises:
        SettingsError: an address is none.
    """
    from agentverse.models.endpoint import Endpoint, base_url

    key = spec.api_key.get_secret_value()
    return [Endpoint.join(url, key, spec.in_flight) for url in dict.fromkeys(map(base_url, spec.urls))]


async def _look_at(tier: str, model: ModelSettings, settings: Settings) -> ModelState:
    from agentverse.models.contact import context_of, list_models

    about = described(tier, model, settings)
    if model.provider != "openai":
        return ModelState(**about, answers=None)
    try:
        spec = model.spec()
        endpoints = _replicas(spec)
    except AgentverseError as error:
        return ModelState(**about, answers=False, problem=str(error), fix=error.fix)
    try:
        async with asyncio.timeout(SECONDS):
            listing = await list_models(endpoints[0])
            name = listing.choose(spec.model, endpoints[0].where)
            context = spec.context or await context_of(endpoints[0], listing, name)
    except TimeoutError:
        return ModelState(**about, answers=False, problem=f"{endpoints[0].where} did not answer in {SECONDS:g} seconds")
    except AgentverseError as error:
        return ModelState(**about, answers=False, problem=str(error), fix=error.fix)
    finally:
        for endpoint in endpoints:
            await endpoint.leave()
    known = {**about, "model": name}
    return ModelState(**known, answers=True, context=context or profile_for(name).context, server=listing.kind)


async def _found(settings: Settings) -> ModelState:
    """What answers on this machine when nothing is configured."""
    name = settings.models.edge.model if settings.models.edge else ""
    found = await discover(settings.serve.ports, model=name)
    if found:
        first = found[0]
        return ModelState(
            tier="edge",
            provider="openai",
            model=first.model,
            place=first.url,
            origin=ORIGIN,
            answers=True,
            context=first.context,
            server=first.server,
        )
    return ModelState(
        tier="edge",
        provider="openai",
        model=name,
        place="",
        origin=ORIGIN,
        answers=False,
        problem="no model is configured, and none answers on this machine",
        fix="Start one, or name a server: models.edge.base_url.",
    )
