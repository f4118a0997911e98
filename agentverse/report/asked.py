"""What the models of a run were asked, and what that took, read from its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentverse.journal.events import Entry, ModelContact, Reply, RunStarted, ServersCounted, Usage
from agentverse.report.model import ModelReport, SamplesReport, TierReport, TurnReport

Prices = Mapping[str, tuple[float, float]]
"""Tier: price of a million prompt and of a million completion tokens."""


def build_model_report(entries: Sequence[Entry], *, prices: Prices) -> ModelReport:
    """Read it from the entries of one run, finished or not."""
    contacts = {e.event.tier: e.event for e in entries if isinstance(e.event, ModelContact)}
    started = next((e.event for e in entries if isinstance(e.event, RunStarted)), None)
    return ModelReport(
        run=entries[0].run if entries else "",
        language=started.language if started else "en",
        contacts=list(contacts.values()),
        tiers=tiers_of(entries, prices),
        turns=[_turn(entry.key, entry.event) for entry in entries if isinstance(entry.event, Reply)],
        samples=samples_of(entries),
        servers=_servers(entries),
    )


def tiers_of(entries: Sequence[Entry], prices: Prices) -> list[TierReport]:
    """What each tier was asked."""
    models = {e.event.tier: e.event.name for e in entries if isinstance(e.event, ModelContact)}
    replies: dict[str, list[Reply]] = {tier: [] for tier in models}
    for entry in entries:
        if isinstance(entry.event, Reply):
            replies.setdefault(entry.event.tier, []).append(entry.event)
    return [
        _tier(tier, models.get(tier) or next((reply.model for reply in said), ""), said, prices)
        for tier, said in replies.items()
    ]


def _tier(tier: str, model: str, said: Sequence[Reply], prices: Prices) -> TierReport:
    usage = sum((reply.usage for reply in said), Usage())
    known = [reply.first_token for reply in said if reply.first_token]
    writing = sum(_writing(reply) for reply in said)
    return TierReport(
        tier=tier,
        model=model,
        turns=len(said),
        usage=usage,
        cost=cost(usage, prices.get(tier)),
        first_token=sum(known) / len(known) if known else None,
        rate=usage.completion / writing if writing else None,
    )


def _turn(key: str, reply: Reply) -> TurnReport:
    writing = _writing(reply)
    return TurnReport(
        key=key,
        role=reply.role,
        tier=reply.tier,
        model=reply.model,
        where=reply.where,
        usage=reply.usage,
        samples=1 + len(reply.samples),
        requests=reply.requests,
        seconds=reply.seconds,
        first_token=reply.first_token or None,
        rate=reply.usage.completion / writing if writing else None,
    )


def _writing(reply: Reply) -> float:
    """Seconds in which a reply was written; with those in which the prompt was read when they are not known."""
    return max(reply.seconds - reply.first_token, 0.0)


def samples_of(entries: Sequence[Entry]) -> SamplesReport | None:
    """What drawing several replies for one prompt took; None when that was never done."""
    several = [e.event for e in entries if isinstance(e.event, Reply) and e.event.samples]
    if not several:
        return None
    drawn = [1 + len(reply.samples) for reply in several]
    apart = [count * reply.usage.prompt / reply.requests for count, reply in zip(drawn, several, strict=True)]
    return SamplesReport(
        drawn=sum(drawn),
        requests=sum(reply.requests for reply in several),
        prompt=round(sum(apart)),
        computed=sum(reply.usage.prompt - reply.usage.cached for reply in several),
    )


def _servers(entries: Sequence[Entry]) -> dict[str, dict[str, float]]:
    """What each server counted, over all processes that drove the run."""
    found: dict[str, dict[str, float]] = {}
    for entry in entries:
        if isinstance(entry.event, ServersCounted):
            for where, counters in entry.event.servers.items():
                sums = found.setdefault(where, {})
                for name, value in counters.items():
                    sums[name] = sums.get(name, 0.0) + value
    return found


def cost(usage: Usage, price: tuple[float, float] | None) -> float | None:
    """What tokens cost at a price per million prompt and completion tokens; None when it is not known."""
    if price is None:
        return None
    return (usage.prompt * price[0] + usage.completion * price[1]) / 1e6
