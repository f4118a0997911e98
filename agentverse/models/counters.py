"""What servers count about themselves: how much of the prompts was in their prefix cache, and how long calls waited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from agentverse.models.endpoint import Endpoint
from agentverse.models.retry import AttemptFailed

Counters = Mapping[str, float]

_NAMES: Mapping[str, tuple[str, ...]] = {
    "vllm:prefix_cache_queries_total": ("queried",),
    "vllm:prefix_cache_hits_total": ("hit",),
    "vllm:generation_tokens_total": ("generated",),
    "vllm:num_preemptions_total": ("preempted",),
    "vllm:admission_rejections_total": ("rejected",),
    "vllm:time_to_first_token_seconds_sum": ("first_token_seconds",),
    "vllm:time_to_first_token_seconds_count": ("first_tokens",),
    "vllm:request_queue_time_seconds_sum": ("queue_seconds",),
    "llamacpp:prompt_tokens_total": ("queried",),
    "llamacpp:prompt_tokens_cached_total": ("queried", "hit"),
    "llamacpp:tokens_predicted_total": ("generated",),
}
"""A server's own name: ours, to each of which its value is added. llama.cpp counts cached tokens apart."""


@runtime_checkable
class Counted(Protocol):
    """A model whose servers count."""

    async def counted(self) -> Mapping[str, Counters]:
        """Server: what it has counted since first contact, for all its clients. Servers that do not say are left out.

        Names: ``queried`` and ``hit`` (prompt tokens looked up and found in the prefix cache), ``generated`` (tokens),
        ``preempted``, ``rejected`` (requests), ``first_tokens`` and ``first_token_seconds``, ``queue_seconds``.
        """
        ...


async def read_counters(endpoint: Endpoint) -> Counters:
    """The counters of a server as they stand; none when it does not show any."""
    from prometheus_client.parser import text_string_to_metric_families

    counters: dict[str, float] = {}
    try:
        text = (await endpoint.get(endpoint.beside("metrics"))).decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                for name in _NAMES.get(sample.name, ()):
                    counters[name] = counters.get(name, 0.0) + sample.value
    except (AttemptFailed, ValueError):  # not there, or in no form that can be read
        return {}
    return counters


def since(before: Counters, now: Counters) -> Counters:
    """What was counted between two readings; all of it when the server was started anew in between."""
    if any(now[name] < value for name, value in before.items() if name in now):
        before = {}
    return {name: value - before.get(name, 0.0) for name, value in now.items()}
