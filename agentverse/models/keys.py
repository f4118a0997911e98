"""Step keys as they travel: with an attempt, in a header, in a file name."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote, unquote

REQUEST_HEADER = "X-Request-Id"
SESSION_HEADER = "X-Session-Id"
CONTACT_KEY = "contact"
"""The key of what is asked at first contact, before any step."""
_SAFE = "#.:-_@+,=()[]!*"


def split_attempt(key: str) -> tuple[str, int]:
    """``code#1/main.py/1.2`` is attempt 2 of the turn ``code#1/main.py/1``. A key without an attempt is the first."""
    turn, dot, attempt = key.rpartition(".")
    if dot and attempt.isascii() and attempt.isdigit():
        return turn, int(attempt)
    return key, 1


def request_id(run: str, key: str, sample: int = 1) -> str:
    """What ``X-Request-Id`` says; further samples asked for one by one are marked ``~2``, ``~3`` …"""
    return f"{quote(run, safe=_SAFE)}/{header_value(key)}{f'~{sample}' if sample > 1 else ''}"


def header_value(text: str) -> str:
    """``text`` so that a header can carry it, whatever a file or a role is called."""
    return quote(text, safe=_SAFE + "/").replace("~", "%7E")


def read_request_id(value: str) -> str:
    """The key in an ``X-Request-Id``."""
    value = re.sub(r"~\d+$", "", value)
    return unquote(value.partition("/")[2])


def safe_name(key: str, limit: int = 80) -> str:
    """A file name that reads like ``key``. A long key keeps its ends and gets a hash."""
    name = re.sub(r"[^\w#.\-]+", "-", key).strip("-.") or "request"
    if len(name) <= limit:
        return name
    mark = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:8]
    half = (limit - len(mark) - 2) // 2
    return f"{name[:half]}-{mark}-{name[-half:]}"
