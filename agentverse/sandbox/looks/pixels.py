"""What can be said of pictures without understanding them."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

BIGGEST = 4096 * 4096
"""Pixels; a picture that claims more is not opened."""


def blank(picture: bytes, area: tuple[int, int, int, int] | None = None) -> bool:
    """Whether it, or this area of it (left, top, right, bottom), shows a single colour."""
    shown = _open(picture)
    if area is not None:
        left, top, right, bottom = area
        shown = shown.crop((max(left, 0), max(top, 0), min(right, shown.width), min(bottom, shown.height)))
    return all(len(band.getcolors() or ()) <= 1 for band in shown.split())


def changed(before: bytes, after: bytes) -> float:
    """The share of pixels that differ, 0 to 1; 1 for pictures of different sizes."""
    from PIL import ImageChops

    first, second = _open(before), _open(after)
    if first.size != second.size:
        return 1.0
    parts = ImageChops.difference(first, second).split()
    differing = ImageChops.lighter(ImageChops.lighter(parts[0], parts[1]), parts[2])
    total = first.size[0] * first.size[1]
    return (total - differing.histogram()[0]) / total


@cache
def _limits() -> None:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = BIGGEST


def _open(picture: bytes) -> Image.Image:
    from PIL import Image

    _limits()
    try:
        return Image.open(io.BytesIO(picture), formats=["PNG"]).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ConnectionError("what should be a picture is none") from error
