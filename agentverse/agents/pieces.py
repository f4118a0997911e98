"""Pieces of a prompt, made once and used in every prompt of a run that contains them.

A growing transcript costs each turn one look-up per segment and two joins, never a pass over all text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from agentverse.agents.layout import BREAK
from agentverse.agents.protocol import Said, Segment
from agentverse.journal.prompts import PromptPart
from agentverse.models.pictures import Picture, Placed
from agentverse.models.protocol import Message

_KEPT = 20_000


class Piece(NamedTuple):
    part: PromptPart
    digest: bytes
    picture: Picture | None = None


class Pieces:
    """Prompt parts by their text, with their digests."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, str, str | None, str], Piece] = {}

    def system(self, text: str) -> Piece:
        return self._piece("system", "", text, None)

    def user(self, segments: Iterable[Segment]) -> list[Piece]:
        """The parts of one user message: each but the first begins with a break."""
        out: list[Piece] = []
        for segment in segments:
            out.append(self._piece("user", BREAK if out else "", segment.text, segment.source, segment.picture))
        return out

    def assistant(self, text: str, source: str | None = None) -> Piece:
        return self._piece("assistant", "", text, source)

    def behind(self, said: Sequence[Said], *, native: bool) -> list[Piece]:
        """What was said behind a prompt. To a model without tool calling of its own, a result is the user's word."""
        out: list[Piece] = []
        before = ""
        for one in said:
            role = "user" if one.role == "tool" and not native else one.role
            lead = BREAK if role == before == "user" else ""
            out.append(self._piece(role, lead, one.text, one.source))
            before = role
        return out

    def _piece(self, role: str, lead: str, text: str, source: str | None, picture: Picture | None = None) -> Piece:
        key = (role, lead, text, source, picture.digest if picture else "")
        piece = self._made.get(key)
        if piece is None:
            if len(self._made) >= _KEPT:
                self._made.clear()
            part = PromptPart(role, lead + text, source)
            piece = self._made[key] = Piece(part, digest(part.text), picture)
        return piece


def digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def to_messages(pieces: Iterable[Piece]) -> tuple[Message, ...]:
    """Neighbouring parts of one role make one message; each result of a tool is one by itself."""
    out: list[Message] = []
    role, texts, pictures = "", list[str](), list[Placed]()
    for (part_role, text, _), _, picture in pieces:
        if texts and (part_role != role or role == "tool"):
            out.append(Message(role, "".join(texts), tuple(pictures)))  # type: ignore[arg-type]
            texts, pictures = [], []
        role = part_role
        texts.append(text)
        if picture is not None:
            pictures.append(Placed(sum(map(len, texts)), picture))
    if texts:
        out.append(Message(role, "".join(texts), tuple(pictures)))  # type: ignore[arg-type]
    return tuple(out)
