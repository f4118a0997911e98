"""Pictures that come out of a box: files made by whoever, until they have been looked at."""

from __future__ import annotations

import io
import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def is_picture(data: bytes, width: int, height: int) -> bool:
    """Whether it is a whole PNG of exactly this size, so that nothing that opens it later fails or needs more room."""
    from PIL import Image

    if data[:8] != SIGNATURE or len(data) < 24 or struct.unpack_from("!II", data, 16) != (width, height):
        return False
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != (width, height):  # it said so twice, and not the same
                return False
            image.load()
    except Exception:  # what a decoder raises on nonsense is no list that anybody keeps
        return False
    return True
