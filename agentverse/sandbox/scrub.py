"""Makes what a program printed fit to be shown, stored and compared: the same failure always reads the same."""

from __future__ import annotations

import re

ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[PX^_].*?(?:\x1b\\|$)"  # device strings
    r"|[\x1b][\[][0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, and the marks that hide text or turn it round."""
WORKSPACE = re.compile(r"(?<![\w./-])/work(?:/(?=[\w.])|(?![\w/.-]))")
LIBRARY = re.compile(r"(?<![\w./-])/opt/agentverse/lib/")
STANDARD_LIBRARY = re.compile(r"(?<![\w.-])/[^\s\"':]*?/(?=python3\.\d+/)")
ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]+|\b0x[0-9a-f]{10,16}\b")
ELAPSED = re.compile(r"\bin \d+(?:\.\d+)?s(?: \(\d+:\d\d:\d\d\))?")


def text(data: bytes) -> str:
    """Decode output and take out terminal escapes, control characters, our own paths, and memory addresses."""
    return clean(data.decode("utf-8", errors="replace"))


def clean(value: str) -> str:
    """`text` for what is decoded already."""
    value = ESCAPES.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    value = UNSEEN.sub("", value)
    value = WORKSPACE.sub(lambda found: "" if found[0].endswith("/") else ".", value)
    value = STANDARD_LIBRARY.sub("", LIBRARY.sub("", value))
    return ADDRESS.sub("0x…", value)


def without_times(value: str) -> str:
    """Take out the duration in a test runner's last line."""
    return ELAPSED.sub("in …s", value)


def one_line(value: str, longest: int) -> str:
    """Join lines and cut to ``longest`` characters."""
    joined = " ".join(value.split())
    return joined if len(joined) <= longest else joined[: longest - 1] + "…"
