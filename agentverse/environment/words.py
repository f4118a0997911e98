"""What environments themselves say, in the languages of their users."""

from __future__ import annotations

from agentverse.sayings import Sayings

_WORDS: dict[str, dict[str, str]] = {
    "one_of": {"en": "Reply with JSON only, one of:", "zh": "只回复 JSON，从下面选一种："},
    "this": {"en": "Reply with JSON only, like this:", "zh": "只回复 JSON，格式如下："},
    "no_action": {
        "en": "there is no action {said!r} now; you may: {known}",
        "zh": "现在没有 {said!r} 这个动作，可以做的有：{known}",
    },
    "no_such": {
        "en": "{field}: there is no {said!r}; choose one of: {known}",
        "zh": "{field}：没有 {said!r}，请从中选择：{known}",
    },
    "no_text": {"en": "{action}: the field {field!r} needs a text", "zh": "{action}：字段 {field!r} 需要文字"},
    "no_number": {"en": "{field}: a number was expected, not {said!r}", "zh": "{field}：应为数字，不是 {said!r}"},
    "not_within": {"en": "{field}: {said} is not within {bounds}", "zh": "{field}：{said} 不在范围内：{bounds}"},
    "no_yes_no": {
        "en": "{field}: expected true or false, not {said!r}",
        "zh": "{field}：应为 true 或 false，不是 {said!r}",
    },
    "not_allowed": {"en": "{action!r} cannot be done now", "zh": "现在不能做 {action!r}"},
    "too_late": {
        "en": "({who} tried to {action}, but could not: {why})",
        "zh": "（{who}想做 {action}，但没有成功：{why}）",
    },
    "how_much": {
        "en": "How much do you want to speak now, from 0 (not at all) to 5 (very much)?",
        "zh": "你现在有多想发言？从 0（完全不想）到 5（非常想）。",
    },
    "best_of": {
        "en": "Which of these is the best? Reply with its number.\n{listed}",
        "zh": "下面哪一个最好？回复它的编号。\n{listed}",
    },
    "which_count": {
        "en": "Which of these should count? Reply with their numbers.\n{listed}",
        "zh": "下面哪些应该算数？回复它们的编号。\n{listed}",
    },
    "is_over": {"en": "Is this over? {question}", "zh": "可以结束了吗？{question}"},
    "decided": {"en": "Has what matters been said and settled?", "zh": "要紧的事都已说清、定下了吗？"},
}


word = Sayings(_WORDS)
