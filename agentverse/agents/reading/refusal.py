"""Replies that decline."""

from __future__ import annotations

import re

_HEAD = 300
"""A refusal says so at once."""

_ENGLISH = re.compile(
    r"\b(?:i|we)(?:['’]m| am| are)?\s*(?:really |very )?(?:sorry|unable|not able|not allowed|not permitted)\b.{0,80}"
    r"|\b(?:i|we)\s*(?:can ?not|can['’]?t|won['’]?t|will not|must decline)\b.{0,40}"
    r"\b(?:help|assist|do|comply|fulfil|provide|create|write|continue|answer|produce|generate|complete|support)",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE = re.compile(
    r"(?:抱歉|对不起|很遗憾|不好意思)[^。！\n]{0,30}(?:无法|不能|没办法|不可以)"
    r"|^我(?:无法|不能|没办法)(?:帮|提供|完成|协助|满足|回答|执行|处理|继续|生成|编写)",
)


def is_refusal(text: str) -> bool:
    """Whether a reply with no usable content declines the task."""
    head = text.lstrip()[:_HEAD]
    return bool(_ENGLISH.search(head) or _CHINESE.search(head))
