"""Typed values as people in a conversation hear them: short, in their language."""

from __future__ import annotations

import json
from typing import Any

from agentverse.blueprint.artifacts import (
    Answer,
    Artifact,
    Design,
    Edits,
    Evidence,
    Files,
    Finding,
    Opinion,
    Requirements,
    Verdict,
)
from agentverse.workspace.protocol import Changes

OUTPUT_SHOWN = 2000
"""Characters of what a command printed, its end."""

_WORDS = {
    "en": {
        "approved": "approved",
        "not_approved": "not approved",
        "agreed": "agreed",
        "not_agreed": "not agreed",
        "passed": "passed",
        "failed": "failed",
        "test": "test",
        "blocker": "blocker",
        "major": "major",
        "minor": "minor",
        "needs": "needs",
        "start": "start",
    },
    "zh": {
        "approved": "通过",
        "not_approved": "未通过",
        "agreed": "同意",
        "not_agreed": "不同意",
        "passed": "通过",
        "failed": "失败",
        "test": "测试",
        "blocker": "严重",
        "major": "重要",
        "minor": "轻微",
        "needs": "依赖",
        "start": "启动",
    },
}


def say(value: Any, language: str) -> str:
    """``value`` as a line of a conversation: an artifact, changes to files, text, or plain JSON."""
    words = _WORDS.get(language, _WORDS["en"])
    match value:
        case str():
            return value.strip()
        case Requirements():
            return _requirements(value, words)
        case Design():
            return _design(value, words)
        case Verdict():
            return _verdict(value, words)
        case Opinion():
            return value.message.strip() or words["agreed" if value.agreed else "not_agreed"]
        case Evidence():
            return _evidence(value, words)
        case Files() | Edits():
            return "\n".join(value.paths)
        case Changes():
            return "\n".join(sorted({*value.write, *value.delete}))
        case Answer():
            return " — ".join(part for part in (value.choice, value.text) if part)
        case Artifact():
            return _json(value.model_dump(mode="json", exclude_defaults=True))
        case _:
            return _json(value)


def _requirements(wanted: Requirements, words: dict[str, str]) -> str:
    lines = [f"{wanted.title} ({', '.join([wanted.kind, wanted.language, *wanted.dependencies])}): {wanted.summary}"]
    for item in wanted.items:
        test = f" — {words['test']}: {item.test}" if item.test else ""
        lines.append(f"{item.id}. {item.text}{test}")
    return "\n".join(lines)


def _design(design: Design, words: dict[str, str]) -> str:
    lines: list[str] = []
    for file in design.files:
        names = f" [{'; '.join(file.names)}]" if file.names else ""
        needs = f" ({words['needs']} {', '.join(file.depends_on)})" if file.depends_on else ""
        lines.append(f"{file.path} — {file.purpose}{names}{needs}")
    start = design.start or design.entry
    return "\n".join([*lines, f"{words['start']}: {start}"] if start else lines)


def _verdict(verdict: Verdict, words: dict[str, str]) -> str:
    findings = [_finding(finding, words) for finding in verdict.findings]
    if verdict.approved:
        return "\n".join([words["approved"], *findings])
    return "\n".join(findings) or words["not_approved"]


def _finding(finding: Finding, words: dict[str, str]) -> str:
    place = f"{finding.file}:{finding.line} " if finding.file and finding.line else f"{finding.file} ".lstrip()
    how = f" — {finding.how}" if finding.how else ""
    return f"{place}{words[finding.severity]} {finding.what}{how}"


def _evidence(seen: Evidence, words: dict[str, str]) -> str:
    head = f"{' '.join(seen.command)}: ".removeprefix(": ")
    if seen.passed:
        return f"{head}{words['passed']}"
    lines = [f"{head}{words['failed']}" + (f": {seen.reason}" if seen.reason else "")]
    bad = [case for case in seen.tests.cases if case.outcome in ("failed", "error")] if seen.tests else []
    for case in bad:
        lines += [f"{case.id}: {case.message}", *([case.frame] if case.frame else [])]
    printed = f"{seen.head}\n…\n{seen.tail}" if seen.tail else seen.head
    # What failed says more than what was printed around it.
    if not bad and printed.strip():
        lines.append(printed.strip()[-OUTPUT_SHOWN:])
    return "\n".join(lines)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
