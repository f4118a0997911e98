"""Reads what ``go test -json`` prints: one JSON object a line, in the order in which things happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from agentverse.sandbox.results.found import LONGEST_TEXT, MOST_CASES, Found, Outcome
from agentverse.sandbox.results.places import Places

ENDS: Mapping[str, Outcome] = {"pass": "passed", "fail": "failed", "skip": "skipped"}


@dataclass(slots=True)
class _Test:
    outcome: Outcome | None = None
    """None until its end is reported."""
    seconds: float = 0.0
    texts: list[str] = field(default_factory=list[str])
    room: int = LONGEST_TEXT


def read_go(data: bytes, files: Mapping[str, bytes]) -> Found:
    """The tests in ``data``. A test with subtests counts only when it failed by itself.

    Args:
        files: the product, for places.
    """
    found = Found(whole=bool(data.strip()))
    tests: dict[tuple[str, str], _Test] = {}
    for line in data.splitlines():
        said = _object(line)
        if said is None or len(tests) > MOST_CASES:
            found.whole = False
        else:
            _take(tests, said)
    parents = {(package, name.rpartition("/")[0]) for package, name in tests if "/" in name}
    several = len({package for package, _ in tests}) > 1
    blamed = {(package, name.rpartition("/")[0]) for (package, name), test in tests.items() if _bad(test)}
    places = Places(files)
    for key, test in tests.items():
        package, name = key
        if key in parents and (key in blamed or not _bad(test)):
            continue
        shown = f"{package}::{name}" if several else name
        printed = "".join(test.texts)
        outcome = test.outcome or "error"
        found.add(shown, outcome, test.seconds, said="", printed=printed, places=places)
    return found


def _bad(test: _Test) -> bool:
    return test.outcome in (None, "failed")


def _object(line: bytes) -> Mapping[str, object] | None:
    try:
        said: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", said) if isinstance(said, dict) else None


def _take(tests: dict[tuple[str, str], _Test], said: Mapping[str, object]) -> None:
    name, action = said.get("Test"), said.get("Action")
    if not isinstance(name, str) or not name:
        return  # about a whole package
    test = tests.setdefault((str(said.get("Package", "")), name), _Test())
    output = said.get("Output")
    if action == "output" and isinstance(output, str):
        test.texts.append(output[: max(0, test.room)])
        test.room -= len(output)
    elif isinstance(action, str) and action in ENDS:
        test.outcome = ENDS[action]
        seconds = said.get("Elapsed")
        test.seconds = float(seconds) if isinstance(seconds, int | float) else 0.0
