"""What a reply must look like, told at the end of a prompt: the one form that is asked for, with a tiny example."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.schemas import choice_options, constraint_for
from agentverse.agents.wording import EXAMPLES, knows, say
from agentverse.blueprint.company import TypeSpec
from agentverse.models.constraint import JsonSchema

_LANGUAGES = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".html": "html", ".css": "css", ".md": "markdown",
    ".json": "json", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".sh": "bash", ".txt": "text", ".c": "c",
    ".h": "c", ".cpp": "cpp", ".hpp": "cpp", ".cc": "cpp", ".mjs": "javascript", ".cjs": "javascript", ".rs": "rust",
    ".go": "go", ".java": "java", ".sql": "sql",
}  # fmt: skip
_QUOTES_FENCES = {".md", ".markdown", ".rst"}
"""Files that are likely to hold fences themselves: their own fence is made longer."""


def fenced(path: str, text: str) -> str:
    """A file as prompts and replies show it: a fence with its path, longer than any run of backticks inside."""
    fence = "`" * max(3, _longest_run(text) + 1)
    body = text if not text or text.endswith("\n") else text + "\n"
    return f"{fence}{_tag(path)}\n{body}{fence}"


def form(expects: Expectation, language: str) -> str:
    """What to reply, for the end of a prompt."""
    if expects.form:
        return expects.form
    if expects.type == "files":
        return _files_form(expects, language)
    if expects.type == "edits":
        return say("form_edits", language)
    return _other_form(json.dumps(expects.type, sort_keys=True), language)


def _files_form(expects: Expectation, language: str) -> str:
    if len(expects.paths) > 1:
        return say("form_paths", language, paths=", ".join(expects.paths))
    if expects.paths:
        return say("form_file", language, fence=_opening(expects.paths[0]))
    path = expects.suffixes[0].replace("*", "main") if expects.suffixes else "path/to/file.py"
    return say("form_files", language, fence=f"```{_tag(path)}")


def _opening(path: str) -> str:
    """The first line of a file in a reply."""
    fence = "````" if PurePosixPath(path).suffix in _QUOTES_FENCES else "```"
    return f"{fence}{_tag(path)}"


@lru_cache(maxsize=128)
def _other_form(spec: str, language: str) -> str:
    type: TypeSpec = json.loads(spec)
    options = choice_options(type)
    if options:
        return say("form_choice", language, options=" | ".join(options))
    named = constraint_for(type)
    if not isinstance(named, JsonSchema):
        return say("form_text", language)
    examples = EXAMPLES.get(type) if isinstance(type, str) else None
    example = examples.get(language, examples["en"]) if examples else _example(named.schema)
    text = f"{say('form_json', language)}\n{json.dumps(example, ensure_ascii=False, separators=(',', ':'))}"
    hint = f"hint_{type}" if isinstance(type, str) else ""
    return f"{text}\n{say(hint, language)}" if knows(hint) else text


def _example(schema: Any) -> Any:
    """A tiny value that follows a schema, naming what goes where."""
    if not isinstance(schema, dict):
        return "…"
    known: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
    if "enum" in known:
        return " | ".join(map(str, known["enum"]))
    for many in ("anyOf", "oneOf", "allOf"):
        if known.get(many):
            return _example(known[many][0])
    kind = known.get("type")
    if kind == "object" or "properties" in known:
        return {name: _example(part) for name, part in known.get("properties", {}).items()}
    if kind == "array":
        return [_example(known.get("items", {}))]
    return {"integer": 1, "number": 1.5, "boolean": True, "null": None}.get(str(kind), "…")


def _tag(path: str) -> str:
    language = _LANGUAGES.get(PurePosixPath(path).suffix, "")
    return f"{language} {path}" if language else f"text {path}"


def _longest_run(text: str) -> int:
    if "`" not in text:
        return 0
    longest = run = 0
    for char in text:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest
