"""Making a prompt fit the model's context, by leaving out what this turn needs least."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from agentverse.agents.outline import outline
from agentverse.agents.protocol import Segment, TurnRequest
from agentverse.agents.wording import say
from agentverse.errors import ContextOverflow
from agentverse.models.protocol import Profile

_PER_SEGMENT = 2
"""Bytes of the break between segments."""
_TEMPLATE = 64
"""Bytes a chat template adds, about."""


class Fitted(NamedTuple):
    segments: tuple[Segment, ...]
    """The context, and behind it the pictures."""
    transcript: tuple[Segment, ...]


def weight(text: str) -> int:
    """UTF-8 bytes: 中文 costs more tokens per character, and its bytes tell."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def room(profile: Profile) -> int:
    """Tokens a prompt may have, with enough left for the reply and its thoughts."""
    if profile.thinking == "never":
        return profile.context - min(4096, profile.context // 3)
    return profile.context - min(12_288, profile.context // 2)


def fit(turn: TurnRequest, profile: Profile, language: str, *, fixed: Sequence[str]) -> Fitted:
    """Shorten the context and the transcript of ``turn`` until the prompt fits.

    First files that this turn does not name become outlines, the oldest first; then the middle of the transcript is
    left out, then pictures, the oldest first. A segment is never cut in two.

    Args:
        fixed: texts that stay as they are and count: system, persona, instruction, earlier attempts.

    Raises:
        ContextOverflow: it is still too long.
    """
    allowed = int(room(profile) * profile.chars_per_token)
    segments, transcript = turn.context.segments, turn.transcript
    used = sum(weight(text) for text in fixed) + _TEMPLATE
    used += _weigh(segments) + _weigh(transcript)
    pictures = shown(turn, profile, language)
    each = round(profile.picture_tokens * profile.chars_per_token)
    used += _weigh(pictures) + each * len(pictures)
    if used <= allowed:
        return Fitted((*segments, *pictures), transcript)
    segments, saved = _outline_files(turn, language, used - allowed)
    used -= saved
    if used > allowed:
        transcript, saved = _elide_middle(transcript, language, used - allowed)
        used -= saved
    while pictures and used > allowed:
        used -= _weigh(pictures[:1]) + each
        pictures = pictures[1:]
    if used > allowed:
        need = round(used / profile.chars_per_token)
        raise ContextOverflow(
            f"the prompt of phase '{turn.phase}' needs about {need} tokens; {room(profile)} of the model's "
            f"{profile.context} are free for it",
            prompt=need,
            context=profile.context,
            fix="Use a model with a longer context, or let the phase read fewer artifacts (reads: [...]).",
        )
    return Fitted((*segments, *pictures), transcript)


def shown(turn: TurnRequest, profile: Profile, language: str) -> tuple[Segment, ...]:
    """The turn's pictures, each behind its name; none for a model that is known to see none."""
    if profile.sees is False:
        return ()
    return tuple(Segment(say("picture", language, called=one.name), picture=one) for one in turn.pictures)


def _weigh(segments: Sequence[Segment]) -> int:
    return sum(weight(segment.text) for segment in segments) + _PER_SEGMENT * len(segments)


def _outline_files(turn: TurnRequest, language: str, excess: int) -> tuple[tuple[Segment, ...], int]:
    named = _named_files(turn)
    out: list[Segment] = []
    saved = 0
    for segment in turn.context.segments:
        if saved < excess and segment.path is not None and segment.path not in named:
            short = replace(segment, text=outline(segment.path, _body(segment.text), language), path=None)
            gain = weight(segment.text) - weight(short.text)
            if gain > 0:
                saved += gain
                segment = short
        out.append(segment)
    return tuple(out), saved


def _named_files(turn: TurnRequest) -> set[str]:
    """Files the turn is about: named in the instruction, expected, or needed by an expected one as the design says."""
    paths = {segment.path for segment in turn.context.segments if segment.path is not None}
    lines = [turn.instruction, *turn.expects.paths]
    for segment in turn.context.segments:
        if segment.path is None:
            lines += [
                line
                for line in segment.text.split("\n")
                if any(line.startswith(f"{path} — ") for path in turn.expects.paths)
            ]
    return {path for path in paths if any(_mentions(line, path) for line in lines)}


def _mentions(line: str, path: str) -> bool:
    return path in line and re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w/-])", line) is not None


def _body(text: str) -> str:
    """The file in a fenced segment."""
    return text.split("\n", 1)[1].rpartition("\n")[0] + "\n"


def _elide_middle(transcript: tuple[Segment, ...], language: str, excess: int) -> tuple[tuple[Segment, ...], int]:
    """Leave out messages after the first, oldest first, but never the last."""
    saved = 0
    end = 1
    while end < len(transcript) - 1 and saved < excess + weight(say("left_out", language, count=end)) + _PER_SEGMENT:
        saved += weight(transcript[end].text) + _PER_SEGMENT
        end += 1
    if end == 1:
        return transcript, 0
    mark = Segment(say("left_out", language, count=end - 1))
    return (transcript[0], mark, *transcript[end:]), saved - weight(mark.text) - _PER_SEGMENT
