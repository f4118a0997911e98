"""How an environment that ran by itself went: read from a journal, and as a part of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from agentverse.blueprint.text import localize
from agentverse.journal.events import Entry, LineSaid, RunStarted, SceneEnded, SceneSet
from agentverse.report.markdown import plain, table
from agentverse.report.model import SceneReport, SeatReport
from agentverse.sayings import Sayings

PASSED = "pass"
_LONG = 400
_WORDS: dict[str, dict[str, str]] = {
    "succeeded": {"en": "It is over: {reason}, after {turns} turns.", "zh": "结束：{reason}，共 {turns} 轮发言。"},
    "seats": {"en": "Who spoke", "zh": "谁发了言"},
    "seat_head": {"en": "seat | spoke | passed | heard", "zh": "席位 | 发言 | 跳过 | 听到"},
    "measures": {"en": "Measures", "zh": "度量"},
    "measure_head": {"en": "measure | value", "zh": "度量 | 值"},
    "params": {"en": "Parameters", "zh": "参数"},
    "param_head": {"en": "parameter | value", "zh": "参数 | 值"},
    "world": {"en": "The world at the end", "zh": "最后的世界"},
    "world_head": {"en": "field | value", "zh": "字段 | 值"},
    "yes": {"en": "yes", "zh": "是"},
    "no": {"en": "no", "zh": "否"},
}
_REASONS: dict[str, dict[str, str]] = {
    "ended": {"en": "its last stage ended", "zh": "最后一个阶段已结束"},
    "turns": {"en": "the bound on turns was reached", "zh": "达到了发言次数的上限"},
    "agreed": {"en": "all agreed", "zh": "意见一致"},
    "approved": {"en": "it was approved", "zh": "审查通过"},
    "silence": {"en": "nobody said anything any more", "zh": "没有人再发言"},
    "circles": {"en": "they went in circles", "zh": "讨论在原地打转"},
    "condition": {"en": "its condition came true", "zh": "结束条件成立"},
    "passed": {"en": "the tests passed", "zh": "测试通过"},
    "judged": {"en": "its judge said so", "zh": "裁判宣布结束"},
    "stopped": {"en": "nobody was left to speak", "zh": "没有人可以发言了"},
}
"""Why a conversation was over. A rule of another package says it in its own word."""


def why(reason: str, language: str) -> str:
    """Why a conversation was over, for people."""
    texts = _REASONS.get(reason)
    return reason if texts is None else texts.get(language, texts["en"])


def over(reason: str, turns: int, language: str) -> str:
    """One sentence that says so."""
    return _word("succeeded", language, reason=why(reason, language), turns=turns)


def shown(value: Any, language: str, names: Mapping[str, str] | None = None) -> str:
    """A value of the world or a measure, for people."""
    called = names or {}
    if isinstance(value, bool):
        return _word("yes" if value else "no", language)
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value).items()
        return ", ".join(f"{called.get(key, key)}: {shown(inner, language, called)}" for key, inner in parts)
    if isinstance(value, list | tuple):
        return ", ".join(shown(inner, language, called) for inner in cast("Sequence[Any]", value))
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else called.get(str(value), str(value))


def scene_report(entries: Sequence[Entry], started: RunStarted | None) -> SceneReport | None:
    """How it went; None for a company that is no environment by itself, and before the conversation began."""
    company = cast("dict[str, Any]", started.company.get("company", {})) if started is not None else {}
    events = [entry.event for entry in entries]
    began = next((event for event in events if isinstance(event, SceneSet)), None)
    if started is None or began is None or not company.get("scene"):
        return None
    ended = next((event for event in reversed(events) if isinstance(event, SceneEnded)), None)
    environment: Mapping[str, Any] = started.company.get("environments", {}).get(company["scene"], {})
    lines = [event for event in events if isinstance(event, LineSaid)]
    return SceneReport(
        environment=began.environment,
        seed=began.seed,
        params=began.params,
        reason=ended.reason if ended else "",
        turns=ended.turns if ended else max((line.turn for line in lines), default=0),
        said=ended.report if ended else "",
        measures=ended.measures if ended else {},
        world=ended.world if ended else {},
        words={value: localize(text, started.language) for value, text in environment.get("words", {}).items()},
        seats=_seats(began.seats, lines),
    )


def _seats(seats: Mapping[str, Mapping[str, str]], lines: Iterable[LineSaid]) -> list[SeatReport]:
    """How often each seat spoke, passed and heard something of others, counted in one pass over the lines."""
    spoke, passed, heard = Counter[str](), Counter[str](), Counter[str]()
    public = 0
    for line in lines:
        (passed if line.action == PASSED else spoke)[line.seat] += 1
        if not line.text:
            continue
        if line.heard_by is None:
            public += 1
            heard[line.seat] -= 1  # nobody hears what they say themselves
        else:
            heard.update(seat for seat in line.heard_by if seat != line.seat)
    return [
        SeatReport(
            seat=seat,
            name=about.get("name", seat),
            held=about.get("held", "agent"),
            spoke=spoke[seat],
            passed=passed[seat],
            heard=public + heard[seat],
        )
        for seat, about in seats.items()
    ]


def scene_blocks(scene: SceneReport, language: str) -> list[str]:
    """Blocks of Markdown: what is said of it, who spoke how often, measures, parameters, the world."""
    names = {**scene.words, **{seat.seat: seat.name for seat in scene.seats}}

    def rows(values: Mapping[str, Any]) -> list[list[str]]:
        return [[plain(name), plain(shown(value, language, names)[:_LONG])] for name, value in values.items()]

    seats = [[plain(seat.name), str(seat.spoke), str(seat.passed), str(seat.heard)] for seat in scene.seats]
    return [
        "\n\n".join(plain(line) for line in scene.said.splitlines() if line.strip()),
        _table("seats", "seat_head", seats, language),
        _table("measures", "measure_head", rows(scene.measures), language),
        _table("params", "param_head", rows({**scene.params, "seed": scene.seed}), language),
        _table("world", "world_head", rows(scene.world), language),
    ]


def _table(title: str, head: str, rows: Sequence[Sequence[str]], language: str) -> str:
    return table(_word(title, language), _word(head, language), rows)


_word = Sayings(_WORDS)
