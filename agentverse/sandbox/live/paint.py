"""A terminal's screen as a picture."""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont
    from pyte import Screen
    from pyte.screens import Char

CELL = (9, 18)
"""Width and height of a character, in pixels."""
EDGE = 6
TEXT, GROUND = (220, 220, 220), (16, 16, 20)
NAMED = {
    "black": (0, 0, 0), "red": (205, 49, 49), "green": (13, 188, 121), "brown": (229, 229, 16), "blue": (59, 142, 234),
    "magenta": (188, 63, 188), "cyan": (17, 168, 205), "white": (229, 229, 229),
}  # fmt: skip
FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/System/Library/Fonts/Menlo.ttc",
)
WIDE_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)


def screen(shown: Screen) -> bytes:
    """Draw a screen, cell by cell.

    Returns:
        A PNG of (columns × 9 + 12) × (rows × 18 + 12) pixels.
    """
    from PIL import Image, ImageDraw

    width, height = CELL
    size = (shown.columns * width + 2 * EDGE, shown.lines * height + 2 * EDGE)
    image = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(image)
    for row in range(shown.lines):
        line = shown.buffer[row]
        for column in range(shown.columns):
            cell = line[column]
            front, back = _colour(cell.fg, TEXT), _colour(cell.bg, GROUND)
            if cell.reverse:
                front, back = back, front
            left, top = EDGE + column * width, EDGE + row * height
            if back != GROUND:
                draw.rectangle((left, top, left + width - 1, top + height - 1), fill=back)
            if cell.data.strip():
                draw.text((left, top), cell.data, font=_font(_is_wide(cell)), fill=front)
    if not shown.cursor.hidden:
        left, top = EDGE + shown.cursor.x * width, EDGE + shown.cursor.y * height
        draw.rectangle((left, top + height - 3, left + width - 1, top + height - 1), fill=TEXT)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _is_wide(cell: Char) -> bool:
    return unicodedata.east_asian_width(cell.data[0]) in "WF"


@cache
def _font(wide: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    for path in (*WIDE_FONTS, *FONTS) if wide else FONTS:
        try:
            return ImageFont.truetype(path, 15)
        except OSError:
            continue
    return ImageFont.load_default(15)


def _colour(name: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """A colour as pyte calls it: a name, six hexadecimal digits, or ``default``."""
    plain = name.removeprefix("bright")
    if plain in NAMED:
        return NAMED[plain]
    try:
        return (int(name[0:2], 16), int(name[2:4], 16), int(name[4:6], 16)) if len(name) == 6 else default
    except ValueError:
        return default
