"""A run in one HTML file: its journal inside, a few lines of script that show it, and nothing that is fetched."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from agentverse.journal.events import Entry

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "play": "Play", "pause": "Pause", "speed": "Speed", "moment": "Moment of the run", "failed": "failed",
        "passed": "passed", "asks": "asks", "answers": "answers", "files": "changed files", "events": "events",
        "thoughts": "thoughts", "pictures": "Pictures", "made": "made", "said": "says to",
    },
    "zh": {
        "play": "播放", "pause": "暂停", "speed": "速度", "moment": "运行中的时刻", "failed": "没有通过",
        "passed": "通过", "asks": "提问", "answers": "回答", "files": "修改了文件", "events": "个事件",
        "thoughts": "思考", "pictures": "图片", "made": "产出", "said": "告诉",
    },
}  # fmt: skip


def replay(facts: Mapping[str, Any], entries: Sequence[Entry], *, pictures: Mapping[str, bytes], language: str) -> str:
    """The page.

    Args:
        facts: about the run, as `RunBrief` has them.
        pictures: name: PNG.
    """
    folder = files("agentverse.web").joinpath("replay")
    script, style = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("replay.js", "replay.css"))
    data = {
        "run": facts,
        "entries": [_slim(entry) for entry in entries],
        "pictures": {name: base64.b64encode(content).decode() for name, content in pictures.items()},
        "words": _WORDS.get(language, _WORDS["en"]),
    }
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!doctype html>\n<html lang="{"zh" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>agentverse</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<script type="application/json" id="run">{_inert(data)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


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
