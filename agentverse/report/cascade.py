"""What the tiers above the edge were asked for, and why, read from the journal and put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentverse.blueprint.tiers import CLOUD
from agentverse.journal.events import Entry, Escalated, TierSpent
from agentverse.report.asked import cost
from agentverse.report.markdown import code
from agentverse.report.model import CascadeReport, TierReport
from agentverse.sayings import Sayings

EDGE = "edge"
WORDS: dict[str, dict[str, str]] = {
    "invalid": {"en": "{measured:g} replies could not be used", "zh": "{measured:g} 个回复无法使用"},
    "red": {"en": "still red after {measured:g} repairs", "zh": "修复 {measured:g} 次后仍未通过"},
    "same": {"en": "the same failure came back {measured:g} times", "zh": "同样的失败又出现 {measured:g} 次"},
    "failed": {"en": "the phase had failed", "zh": "该阶段已失败"},
    "agreement": {
        "en": "only {measured:.0%} of the samples agree, {allowed:.0%} were wanted",
        "zh": "只有 {measured:.0%} 的采样一致，要求 {allowed:.0%}",
    },
    "logprob": {
        "en": "its tokens were improbable: {measured:.2f} on average, at least {allowed:.2f} was wanted",
        "zh": "令牌概率过低：平均 {measured:.2f}，要求至少 {allowed:.2f}",
    },
    "rises": {"en": "{tier} → {to}: {why}", "zh": "{tier} → {to}：{why}"},
    "tokens": {
        "en": "{tier} is used up: {used:,.0f} of {allowed:,.0f} tokens; the run goes on without it",
        "zh": "{tier} 的预算已用完：{used:,.0f} / {allowed:,.0f} 令牌；运行将不再使用它",
    },
    "money": {
        "en": "{tier} is used up: {used:.4f} of {allowed:.4f}; the run goes on without it",
        "zh": "{tier} 的预算已用完：{used:.4f} / {allowed:.4f}；运行将不再使用它",
    },
    "saved": {
        "en": "Staying on the edge saved {saved:.4f}: its tokens at the price of the cloud.",
        "zh": "留在端侧节省 {saved:.4f}：按云端价格计算端侧的令牌。",
    },
}


def cascade_of(
    entries: Sequence[Entry], tiers: Sequence[TierReport], prices: Mapping[str, tuple[float, float]]
) -> CascadeReport | None:
    """Why turns went up, what was used up and what was saved; None where there is nothing above the edge."""
    rises = [entry.event for entry in entries if isinstance(entry.event, Escalated)]
    spent = [entry.event for entry in entries if isinstance(entry.event, TierSpent)]
    if len(tiers) < 2 and not rises and not spent:
        return None
    return CascadeReport(rises=rises, spent=spent, saved=_saved(tiers, prices))


def _saved(tiers: Sequence[TierReport], prices: Mapping[str, tuple[float, float]]) -> float | None:
    edge = next((tier for tier in tiers if tier.tier == EDGE), None)
    dear = cost(edge.usage, prices.get(CLOUD)) if edge else None
    return dear - (edge.cost or 0.0) if edge and dear is not None else None


def rise(event: Escalated, language: str) -> str:
    """From where to where, and why."""
    why = word(event.why, language, measured=event.measured, allowed=event.allowed)
    return word("rises", language, tier=event.tier, to=event.to, why=why)


def used_up(event: TierSpent, language: str) -> str:
    """What the run goes on without."""
    return word(event.kind, language, tier=event.tier, used=event.used, allowed=event.allowed)


def lines(report: CascadeReport, language: str) -> list[str]:
    """Each turn that went up and why, what was used up, and what was saved; in Markdown."""
    said = [f"{code(event.step)}: {rise(event, language)}" for event in report.rises]
    said += [used_up(event, language) for event in report.spent]
    return said + ([word("saved", language, saved=report.saved)] if report.saved is not None else [])


word = Sayings(WORDS)
