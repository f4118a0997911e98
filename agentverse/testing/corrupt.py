"""Replies gone wrong in the ways small models go wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from agentverse.testing.script import Reply

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*\n?", re.MULTILINE)
_JSON = re.compile(
    r"^```json\n(?P<fenced>[{\[].*?[}\]])\s*^```|\A\s*(?P<bare>[{\[].*[}\]])\s*\Z", re.MULTILINE | re.DOTALL
)
_PATH = re.compile(r"[\w./\-]*\w\.[A-Za-z]\w{0,4}\b")

_PROSE = (
    "Sure! I have thought about it carefully and everything should work as described above.",
    "Here is what I would do: first read the input, then handle each case, and finally print the result.",
)
_REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "As an AI language model, I cannot write this program for you.",
    "抱歉，我无法完成这个请求。",
)
_WRONG_PATHS = ("../outside.py", "/etc/passwd", "my file (final).txt", "src/", "C:\\work\\main.py", ".git/config")


def corrupt(text: str, kind: str, rng: random.Random) -> Reply:
    """``text`` gone wrong.

    Args:
        text: a good reply.
        kind: one of `KINDS`. A kind that finds nothing to spoil (no fence, no path) makes prose of the reply.
        rng: where chance comes from.
    """
    return KINDS[kind](text, rng)


def _no_fence(text: str, rng: random.Random) -> Reply:
    bare = _FENCE.sub("", text)
    return Reply(bare if bare != text else rng.choice(_PROSE))


def _cut_off(text: str, rng: random.Random) -> Reply:
    return Reply(text[: rng.randint(len(text) // 4, max(len(text) * 9 // 10, 1))], finish="length")


def _wrong_path(text: str, rng: random.Random) -> Reply:
    """Another path for the first block, or, in a reply without blocks, instead of the first path it names."""
    wrong = rng.choice(_WRONG_PATHS)
    fence = _FENCE.search(text)
    lead = text[: fence.end()] if fence else text
    paths = list(_PATH.finditer(lead))
    if not paths:
        return Reply(rng.choice(_PROSE))
    path = paths[-1] if fence else paths[0]
    return Reply(text[: path.start()] + wrong + text[path.end() :])


def _bad_json(text: str, rng: random.Random) -> Reply:
    json = _JSON.search(text)
    if json is None:
        return Reply(rng.choice(_PROSE))
    good = json["fenced"] or json["bare"]
    start = json.start("fenced") if json["fenced"] else json.start("bare")
    return Reply(text[:start] + rng.choice(_SPOIL)(good) + text[start + len(good) :])


_SPOIL: tuple[Callable[[str], str], ...] = (
    lambda json: json.replace('"', "'"),
    lambda json: f"{json[:-1]},{json[-1]}",
    lambda json: json[:-1],
    lambda json: f"{json[0]} // as asked\n{json[1:]} // done",
    lambda json: f"{json[0]} ... {json[1:]}",
)


def _empty(_text: str, rng: random.Random) -> Reply:
    return Reply(rng.choice(("", "\n\n", "   ")))


def _only_thinking(text: str, rng: random.Random) -> Reply:
    thought = f"Let me think about this. {text[: len(text) // 2]}"
    if rng.random() < 0.5:
        return Reply("", thinking=thought, finish="length")
    return Reply(f"<think>\n{thought}", finish="length")


def _refusal(_text: str, rng: random.Random) -> Reply:
    return Reply(rng.choice(_REFUSALS))


KINDS: dict[str, Callable[[str, random.Random], Reply]] = {
    "no_fence": _no_fence,
    "cut_off": _cut_off,
    "wrong_path": _wrong_path,
    "bad_json": _bad_json,
    "empty": _empty,
    "only_thinking": _only_thinking,
    "refusal": _refusal,
}
"""How a reply can go wrong."""


def corrupt_share(reply: Reply, share: float, seed: int, key: str) -> Reply:
    """Corrupt ``reply`` with the probability ``share``. The same seed and key always get the same fate."""
    rng = random.Random(f"{seed}:{key}")
    if reply.status != 200 or reply.breaks or rng.random() >= share:
        return reply
    return corrupt(reply.text, rng.choice(list(KINDS)), rng)
