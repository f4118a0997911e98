"""What memories ask and say, in the languages of prompts."""

from __future__ import annotations

from agentverse.blueprint.role import Role
from agentverse.sayings import Sayings

_WORDS: dict[str, dict[str, str]] = {
    "left_out": {"en": "[{count} earlier messages left out]", "zh": "[省略了 {count} 条较早的消息]"},
    "summary": {"en": "# Earlier: messages {first} to {last}", "zh": "# 此前：第 {first} 到 {last} 条消息"},
    "summarise": {
        "en": "The messages above will not be shown any more. Sum up, in at most {words} words, what matters later: "
        "what was decided and why, facts, names, numbers, promises, open questions, and who said so. Add nothing, "
        "judge nothing. What the earlier summaries say need not be said again.",
        "zh": "以上消息以后不再显示。请用不超过 {words} 个字总结以后还用得着的内容：决定及理由、事实、名称、"
        "数字、承诺、未解决的问题，以及是谁说的。不要添加，不要评价。此前总结里已有的内容不必重复。",
    },
    "merge": {
        "en": "Make one summary of the summaries above, in at most {words} words. Keep decisions, facts, names, "
        "numbers, promises and open questions; what came later holds against what came earlier. Add nothing.",
        "zh": "请把以上各段总结合并成一段，不超过 {words} 个字。保留决定、事实、名称、数字、承诺和未解决的问题；"
        "后来的内容优先于先前的内容。不要添加。",
    },
    "remember": {"en": "# You remember", "zh": "# 你记得"},
    "remembered": {"en": "[message {number}] {text}", "zh": "[第 {number} 条消息] {text}"},
    "concluded": {"en": "# You have concluded", "zh": "# 你得出的结论"},
    "rate": {
        "en": "Rate how much each message above will matter to you later, from 1 (small talk) to 10 (it changes what "
        "you do). Give one whole number for each of the {count} messages, in order.",
        "zh": "请评价以上每条消息对你以后有多重要，从 1（闲谈）到 10（改变你的做法）。"
        "按顺序为这 {count} 条消息各给一个整数。",
    },
    "reflect": {
        "en": "Look back on the messages above. What follows from them that nobody has said and that matters to you? "
        "Give at most {most} conclusions, one sentence each. Repeat none of those you have reached already.",
        "zh": "请回顾以上消息。从中能得出哪些没人说过、对你重要的结论？最多给出 {most} 条，每条一句话。"
        "不要重复已有的结论。",
    },
    "plan": {
        "en": "Before you go on: what is your plan? Say what you want to reach and the next steps, in at most {words} "
        "words. {before}",
        "zh": "在继续之前：你的计划是什么？说明你想达到什么和接下来的步骤，不超过 {words} 个字。{before}",
    },
    "plan_before": {
        "en": "This was your plan; keep what still holds:\n{plan}",
        "zh": "这是你之前的计划，仍然有效的部分请保留：\n{plan}",
    },
    "your_plan": {"en": "# Your plan", "zh": "# 你的计划"},
    "board": {"en": "# Board: {name}", "zh": "# 记事板：{name}"},
    "note": {"en": "{id} ({type}, {by}): {text}", "zh": "{id}（{type}，{by}）：{text}"},
    "empty": {"en": "(nothing yet)", "zh": "（还没有内容）"},
    "pin_up": {
        "en": "This board is seen by all who share it:\n{board}\nWhat of what you know should stand there? 'post' puts "
        "up a new note, 'replace' gives the note with that id a new text, 'remove' takes it down. Few notes, short, "
        "and none twice; an empty list leaves the board as it is.",
        "zh": "所有共用者都能看到这块记事板：\n{board}\n你知道的内容里有哪些应该写在上面？post 新增一条，"
        "replace 改写该编号的一条，remove 删除它。条目要少而短，不要重复；空列表表示不改动。",
    },
}

MEMORIST = Role(
    name="memory",
    title={"en": "Memory", "zh": "记忆"},
    prompt={
        "en": "You keep the record of this conversation for those who take part in it; you take no part in it.",
        "zh": "你为参加这场对话的人保管记录，自己不参与对话。",
    },
)
"""Whoever sums up what all heard: nobody in particular, so that it is the same for all."""


say = Sayings(_WORDS)
