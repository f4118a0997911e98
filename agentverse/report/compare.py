"""Two runs side by side: how far they are the same, and where they part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agentverse.blueprint.artifacts import Evidence
from agentverse.journal.events import Decision, Entry, EvidenceSeen, FilesChanged, GateAnswered, Reply
from agentverse.report.build import phase_of

What = Literal["text", "prompt", "evidence", "decision", "answer", "files", "missing"]
_STEPS = (Reply, EvidenceSeen, Decision, GateAnswered, FilesChanged)


@dataclass(frozen=True, slots=True)
class Parting:
    """The first step that differs. A sequence number is None where a run has no such step."""

    key: str
    phase: str
    type: str
    what: What
    seq_a: int | None
    seq_b: int | None
    text_a: str = ""
    text_b: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """``shared``: steps that are the same before the runs part; ``parting`` is None when they never do."""

    shared: int
    parting: Parting | None


def compare(a: Sequence[Entry], b: Sequence[Entry]) -> Compared:
    """Compare two journals step by step, in the order of the first. Keys say which steps answer to one another."""
    steps_a, steps_b = _steps(a), _steps(b)
    shared = 0
    for key, one in steps_a.items():
        parting = _parting(key, one, steps_b.get(key))
        if parting is not None:
            return Compared(shared, parting)
        shared += 1
    for key, two in steps_b.items():
        if key not in steps_a:
            return Compared(shared, _parting(key, None, two))
    return Compared(shared, None)


def better(a: Evidence | None, b: Evidence | None) -> Literal["a", "b", "same", "unknown"]:
    """Whose evidence is better."""
    if a is None and b is None:
        return "unknown"
    if a is None or b is None:
        return "b" if a is None else "a"
    return "same" if a.score == b.score else "a" if a.score > b.score else "b"


def _steps(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    return {entry.key: entry for entry in entries if isinstance(entry.event, _STEPS)}


def _parting(key: str, a: Entry | None, b: Entry | None) -> Parting | None:
    if a is None or b is None:
        there = a or b
        assert there is not None
        text = _text(there)
        seqs = (a.seq if a else None, b.seq if b else None)
        texts = (text if a else "", text if b else "")
        return Parting(key, phase_of(key), there.event.type, "missing", *seqs, *texts)
    what = _difference(a, b)
    if what is None:
        return None
    return Parting(key, phase_of(key), a.event.type, what, a.seq, b.seq, _text(a), _text(b))


def _difference(a: Entry, b: Entry) -> What | None:
    match a.event, b.event:
        case Reply() as one, Reply() as two:
            if one.text != two.text or one.samples != two.samples:
                return "prompt" if a.input != b.input else "text"
        case EvidenceSeen() as one, EvidenceSeen() as two:
            first, second = (Evidence.model_validate(seen.evidence) for seen in (one, two))
            if (first.passed, first.score) != (second.passed, second.score):
                return "evidence"
        case Decision() as one, Decision() as two:
            if one.value != two.value:
                return "decision"
        case GateAnswered() as one, GateAnswered() as two:
            if (one.text, one.choice, one.files) != (two.text, two.choice, two.files):
                return "answer"
        case FilesChanged() as one, FilesChanged() as two:
            if (one.written, one.deleted) != (two.written, two.deleted):
                return "files"
        case _:
            return "missing"
    return None


def _text(entry: Entry) -> str:
    match entry.event:
        case Reply(text=text):
            return text
        case EvidenceSeen(evidence=evidence):
            return str(evidence.get("reason", ""))
        case Decision(what=what, value=value):
            return f"{what}: {value}"
        case GateAnswered(text=text, choice=choice):
            return choice or text
        case FilesChanged(written=written, deleted=deleted):
            return ", ".join([*written, *deleted])
        case _:
            return ""
