"""The means of many runs as a picture: an SVG with one bar for each measure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from agentverse.report.series import Bar

_ROW, _LEFT, _WIDE, _RIGHT, _TOP = 28, 180, 360, 90, 48
_BAR, _GROUND, _INK = "#3b6ea5", "#e8ecf1", "#222222"


def drawn(title: str, bars: Sequence[Bar]) -> str:
    """The picture as SVG. Names are text in it, whatever they hold."""
    width, height = _LEFT + _WIDE + _RIGHT, _TOP + _ROW * len(bars) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="sans-serif" font-size="13" fill="{_INK}">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="16" y="26" font-size="15">{escape(title)}</text>',
    ]
    for number, bar in enumerate(bars):
        top = _TOP + number * _ROW
        length = round(_WIDE * min(max(bar.filled, 0.0), 1.0), 1)
        parts += [
            f'<text x="{_LEFT - 10}" y="{top + 15}" text-anchor="end">{escape(bar.name)}</text>',
            f'<rect x="{_LEFT}" y="{top}" width="{_WIDE}" height="20" fill="{_GROUND}"/>',
            f'<rect x="{_LEFT}" y="{top}" width="{length}" height="20" fill="{_BAR}"/>',
            f'<text x="{_LEFT + _WIDE + 10}" y="{top + 15}">{escape(bar.said)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def save(path: Path, title: str, bars: Sequence[Bar]) -> Path:
    """Write the picture; returns where it is."""
    path.write_text(drawn(title, bars), encoding="utf-8")
    return path
