"""What the tier ``cloud`` may still cost one run."""

from __future__ import annotations

from collections.abc import Mapping

from agentverse.blueprint.tiers import CLOUD
from agentverse.journal.events import Reply, TierSpent, Usage
from agentverse.journal.protocol import RunJournal
from agentverse.models.cascade import Cascade


class Purse:
    """Counts what the tier used, recalled replies included, and says once that it is used up.

    A call in flight is not broken off, so a run may end up to one call for each turn at work above the bound.

    Args:
        cascade: the bounds.
        prices: tier: price of a million prompt and of a million completion tokens.
        journal: of the run.
    """

    def __init__(self, cascade: Cascade, prices: Mapping[str, tuple[float, float]], journal: RunJournal) -> None:
        self._cascade, self._journal = cascade, journal
        self._prompt, self._completion = prices.get(CLOUD, (0.0, 0.0))
        self._usage = Usage()

    def spend(self, reply: Reply) -> None:
        """Count a reply."""
        if reply.tier == CLOUD:
            self._usage += reply.usage
            for spent in self._used_up():
                self._journal.note(f"cascade/{CLOUD}/{spent.kind}@{spent.allowed:g}", spent)

    def affords(self, tier: str) -> bool:
        """Whether the tier may be asked."""
        return tier != CLOUD or not self._used_up()

    def _used_up(self) -> list[TierSpent]:
        usage, tokens, money = self._usage, self._cascade.tokens, self._cascade.money
        cost = (usage.prompt * self._prompt + usage.completion * self._completion) / 1e6
        spent: list[TierSpent] = []
        if tokens is not None and usage.total >= tokens:
            spent.append(TierSpent(tier=CLOUD, kind="tokens", used=usage.total, allowed=tokens))
        if money is not None and cost >= money:
            spent.append(TierSpent(tier=CLOUD, kind="money", used=cost, allowed=money))
        return spent
