"""What the models of a run were asked, as a page for people."""

from __future__ import annotations

from typing import cast

from agentverse.journal.events import ModelContact
from agentverse.report.markdown import code, plain, table
from agentverse.report.model import ModelReport
from agentverse.report.text import samples
from agentverse.sayings import Sayings

WORDS: dict[str, dict[str, str]] = {
    "models": {"en": "Models", "zh": "模型"},
    "contact": {"en": "{tier}: {name}, {context:,} tokens of context", "zh": "{tier}：{name}，上下文 {context:,} 令牌"},
    "server": {"en": "{server} at {url}", "zh": "{server}，位于 {url}"},
    "dialect": {"en": "dialect {dialect}", "zh": "方言 {dialect}"},
    "constraints": {"en": "constraints {constraints}", "zh": "约束 {constraints}"},
    "priority": {"en": "schedules by priority", "zh": "按优先级调度"},
    "missing": {"en": "not in use: {url} ({reason})", "zh": "未使用：{url}（{reason}）"},
    "tiers": {"en": "Sums", "zh": "合计"},
    "tier_head": {
        "en": "tier | model | turns | tokens in | cached | tokens out | thought | first token (s) | tokens/s | cost",
        "zh": "层级 | 模型 | 轮次 | 输入令牌 | 缓存 | 输出令牌 | 思考 | 首令牌（秒） | 令牌/秒 | 费用",
    },
    "turns": {"en": "Turns", "zh": "轮次"},
    "turn_head": {
        "en": "turn | tier | tokens in | cached | tokens out | thought | first token (s) | tokens/s | seconds",
        "zh": "轮次 | 层级 | 输入令牌 | 缓存 | 输出令牌 | 思考 | 首令牌（秒） | 令牌/秒 | 秒",
    },
    "samples": {"en": "Samples", "zh": "采样"},
    "servers": {"en": "What the servers counted, for all their clients", "zh": "服务器自己的计数（含所有客户端）"},
    "queried": {
        "en": "{hit:,.0f} of {queried:,.0f} prompt tokens were in the prefix cache ({share:.0%})",
        "zh": "{queried:,.0f} 个提示令牌中有 {hit:,.0f} 个命中前缀缓存（{share:.0%}）",
    },
    "generated": {"en": "{generated:,.0f} tokens generated", "zh": "生成 {generated:,.0f} 个令牌"},
    "first": {"en": "first token after {seconds:.2f} s on average", "zh": "首令牌平均 {seconds:.2f} 秒"},
    "queue_seconds": {"en": "{queue_seconds:.1f} s in the queue", "zh": "排队 {queue_seconds:.1f} 秒"},
    "preempted": {"en": "{preempted:,.0f} preemptions", "zh": "抢占 {preempted:,.0f} 次"},
    "rejected": {"en": "{rejected:,.0f} rejected", "zh": "拒绝 {rejected:,.0f} 次"},
}


word = Sayings(WORDS)


def model_markdown(report: ModelReport) -> str:
    """The page. A dash stands for what nobody measured."""
    language = report.language
    blocks = [
        _section("models", [_contact(contact, language) for contact in report.contacts], language),
        table(word("tiers", language), word("tier_head", language), _tiers(report)),
        table(word("turns", language), word("turn_head", language), _turns(report)),
        _section("samples", [text] if (text := samples(report.samples, language)) else [], language),
        _section("servers", [_server(where, counted, language) for where, counted in report.servers.items()], language),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _contact(contact: ModelContact, language: str) -> str:
    facts = contact.facts
    parts = [word("contact", language, tier=contact.tier, name=code(contact.name), context=contact.context)]
    if contact.url:
        server = " ".join(filter(None, (str(facts.get("server", "")), str(facts.get("version", ""))))) or "?"
        parts.append(word("server", language, server=plain(server), url=code(contact.url)))
    for name in ("dialect", "constraints"):
        if facts.get(name):
            parts.append(word(name, language, **{name: plain(str(facts[name]))}))
    if facts.get("priority"):
        parts.append(word("priority", language))
    missing = facts.get("missing")
    for url, reason in (cast("dict[str, str]", missing) if isinstance(missing, dict) else {}).items():
        parts.append(word("missing", language, url=code(url), reason=plain(str(reason))))
    return "; ".join(parts)


def _tiers(report: ModelReport) -> list[list[str]]:
    return [
        [
            code(tier.tier),
            code(tier.model) if tier.model else "",
            str(tier.turns),
            f"{tier.usage.prompt:,}",
            f"{tier.usage.cached:,}",
            f"{tier.usage.completion:,}",
            f"{tier.usage.reasoning:,}",
            _number(tier.first_token, 2),
            _number(tier.rate, 0),
            _number(tier.cost, 4),
        ]
        for tier in report.tiers
    ]


def _turns(report: ModelReport) -> list[list[str]]:
    several = len({turn.where for turn in report.turns}) > 1
    return [
        [
            code(turn.key) + (f" ×{turn.samples}" if turn.samples > 1 else ""),
            code(turn.tier) + (f" {code(turn.where)}" if several and turn.where else ""),
            f"{turn.usage.prompt:,}",
            f"{turn.usage.cached:,}",
            f"{turn.usage.completion:,}",
            f"{turn.usage.reasoning:,}",
            _number(turn.first_token, 2),
            _number(turn.rate, 0),
            f"{turn.seconds:.1f}",
        ]
        for turn in report.turns
    ]


def _server(where: str, counted: dict[str, float], language: str) -> str:
    said: list[str] = []
    if counted.get("queried"):
        hit, queried = counted.get("hit", 0.0), counted["queried"]
        said.append(word("queried", language, hit=hit, queried=queried, share=hit / queried))
    if counted.get("generated"):
        said.append(word("generated", language, generated=counted["generated"]))
    if counted.get("first_tokens"):
        mean = counted.get("first_token_seconds", 0.0) / counted["first_tokens"]
        said.append(word("first", language, seconds=mean))
    for name in ("queue_seconds", "preempted", "rejected"):
        if counted.get(name):
            said.append(word(name, language, **{name: counted[name]}))
    return f"{code(where)}: {'; '.join(said)}"


def _section(title: str, lines: list[str], language: str) -> str:
    return "\n".join([f"## {word(title, language)}", "", *(f"- {line}" for line in lines)]) if lines else ""


def _number(value: float | None, digits: int) -> str:
    return f"{value:,.{digits}f}" if value is not None else "–"
