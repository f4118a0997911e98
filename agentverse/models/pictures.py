"""Pictures that go with a prompt. What they are is told by their content, never by their name."""

from __future__ import annotations

import hashlib
import warnings
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple

BIGGEST = 4 << 20
"""Bytes of one."""
WIDEST = 8192
"""Pixels of the longer side."""
_BEGINS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF87a": "GIF", b"GIF89a": "GIF",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Attributes:
        name: as prompts call it.
        ref: where its bytes are kept: ``COMMIT:PATH`` in the run's repository, or a path in its folder.
        kind: PNG, JPEG, GIF or WEBP.
        width, height: pixels.
    """

    name: str
    ref: str
    kind: str
    width: int
    height: int
    data: bytes = field(repr=False)
    digest: str = ""
    """Of the bytes; two pictures are the same when it is."""

    @property
    def url(self) -> str:
        """The picture as the address that holds it."""
        return f"data:image/{self.kind.lower()};base64,{b64encode(self.data).decode()}"


class Placed(NamedTuple):
    """A picture in a message, behind the first ``at`` characters of its text."""

    at: int
    picture: Picture


def kind_of(data: bytes) -> str:
    """PNG, JPEG, GIF or WEBP; "" for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for begin, kind in _BEGINS.items() if data.startswith(begin)), "")


def read_picture(data: bytes, *, name: str, ref: str) -> Picture | None:
    """The picture in ``data``; None for anything else, and for one that is too large to be shown.

    Only its header is read here: what a model or a product made is hostile.
    """
    kind = kind_of(data)
    if not kind or len(data) > BIGGEST:
        return None
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=(kind,)) as header:
                width, height = header.size
    except (OSError, ValueError, SyntaxError, OverflowError, Image.DecompressionBombError):
        return None
    if not 0 < max(width, height) <= WIDEST:
        return None
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    return Picture(name, ref, kind, width, height, data, digest)


def parts(text: str, pictures: Sequence[Placed]) -> list[dict[str, Any]]:
    """The content of a message with pictures, as the chat API has it."""
    out: list[dict[str, Any]] = []
    begin = 0
    for at, picture in pictures:
        if text[begin:at]:
            out.append({"type": "text", "text": text[begin:at]})
        out.append({"type": "image_url", "image_url": {"url": picture.url}})
        begin = at
    if text[begin:]:
        out.append({"type": "text", "text": text[begin:]})
    return out
