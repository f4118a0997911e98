"""A run in one HTML file: its journal inside, a few lines of script that show it, and nothing that is fetched."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from agentverse.journal.events import Entry, RunStarted


def replay(facts: Mapping[str, Any], entries: Sequence[Entry], *, pictures: Mapping[str, bytes], language: str) -> str:
    """The page.

    Args:
        facts: about the run, as `RunBrief` has them.
        pictures: name: PNG.
    """
    folder = files("agentverse.web").joinpath("replay")
    script, style, words = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("replay.js", "replay.css", "words.json")
    )
    data = {
        "run": facts,
        "entries": [_slim(entry) for entry in entries],
        "pictures": {name: base64.b64encode(content).decode() for name, content in pictures.items()},
        "titles": _titles(entries),
        "words": json.loads(words),
    }
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>agentverse</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<script type="application/json" id="run">{_inert(data)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _titles(entries: Sequence[Entry]) -> dict[str, Any]:
    """Phase: what it is called, of the company and of those it calls."""
    started = next((entry.event for entry in entries if isinstance(entry.event, RunStarted)), None)
    return _phases(started.company, "") if started else {}


def _phases(resolved: Mapping[str, Any], before: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    phases: Mapping[str, Mapping[str, Any]] = resolved.get("company", {}).get("phases", {})
    companies: Mapping[str, Mapping[str, Any]] = resolved.get("companies") or {}
    for name, spec in phases.items():
        if spec.get("title"):
            found[before + name] = spec["title"]
        if (inner := companies.get(str(spec.get("company")))) is not None:
            found |= _phases(inner, f"{before}{name}.")
    return found


def _inert(data: object) -> str:
    """JSON in which nothing can end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _slim(entry: Entry) -> dict[str, Any]:
    """An entry without what the page does not show."""
    event = entry.event.model_dump(mode="json", exclude_defaults=True)
    event["type"] = entry.event.type
    for name in ("company", "settings", "prompt", "asked"):
        event.pop(name, None)
    return {"seq": entry.seq, "key": entry.key, "at": entry.at, "event": event}
