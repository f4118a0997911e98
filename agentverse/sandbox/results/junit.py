"""Reads JUnit XML: what node, ctest, cargo and JUnit itself write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from agentverse.sandbox import scrub
from agentverse.sandbox.results.found import ERROR, LONGEST_TEXT, MOST_CASES, Found, Outcome
from agentverse.sandbox.results.places import Places

DOCUMENT = re.compile(rb"^(?=<\?xml )", re.MULTILINE)
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Bytes that XML cannot hold; runners write them all the same when a test prints colours."""
VERDICTS: Mapping[str, Outcome] = {"failure": "failed", "error": "error", "skipped": "skipped"}
STATES: Mapping[str, Outcome] = {"fail": "failed", "disabled": "skipped", "notrun": "skipped"}
"""ctest's own words."""
DEEPEST = 40
UNTOLD = frozenset({"", "test", "tests", "(empty)", "integration", "JUnit Jupiter"})
"""Names of classes and suites that runners make up."""


class _Refused(Exception):
    pass


def read_junit(data: bytes, files: Mapping[str, bytes], *, printed: str = "") -> Found:
    """The cases in ``data``, which may be several documents one after another.

    Args:
        files: the product, for places.
        printed: what the runner printed besides; it explains a file that could not be run at all.
    """
    found = Found()
    parts = [part for part in DOCUMENT.split(CONTROL.sub(b"", data)) if part.strip()]
    found.whole = bool(parts)
    for part in parts:
        _Reader(found, files, printed).read(part)
    return found


@dataclass(slots=True)
class _Open:
    """A test case being read."""

    name: str
    where: str
    seconds: float
    outcome: Outcome = "passed"
    said: str = ""
    texts: list[str] = field(default_factory=list[str])
    room: int = LONGEST_TEXT


@dataclass(slots=True)
class _Suite:
    name: str
    before: int
    """Cases read before it."""
    tests: int
    bad: int


class _Reader:
    """One document, as a stream: nothing is kept but the cases."""

    def __init__(self, found: Found, files: Mapping[str, bytes], printed: str) -> None:
        self._found, self._files, self._printed = found, files, printed[:LONGEST_TEXT]
        self._places = Places(files)
        self._suites: list[_Suite] = []
        self._case: _Open | None = None
        self._depth = self._seen = self._bad = 0

    def read(self, document: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse  # the road to every attack by entities
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(document, True)
        except (expat.ExpatError, _Refused):
            self._found.whole = False

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST or self._seen > MOST_CASES:
            raise _Refused
        if name == "testsuite":
            bad = _number(given, "failures") + _number(given, "errors")
            self._suites.append(_Suite(given.get("name", ""), self._seen, _number(given, "tests"), bad))
        elif name == "testcase":
            self._case = _Open(given.get("name", ""), given.get("classname", ""), _seconds(given))
            self._case.outcome = STATES.get(given.get("status", ""), "passed")
        elif self._case is not None and name in VERDICTS:
            self._case.outcome = VERDICTS[name]
            self._case.said = given.get("message", "")

    def _text(self, text: str) -> None:
        if self._case is not None and self._case.room > 0:
            self._case.texts.append(text[: self._case.room])
            self._case.room -= len(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "testsuite" and self._suites:
            suite = self._suites.pop()
            if suite.tests > self._seen - suite.before or (suite.bad and not self._bad):
                self._found.whole = False  # it says more than it shows
        elif name == "testcase" and self._case is not None:
            self._take(self._case)
            self._case = None

    def _take(self, read: _Open) -> None:
        self._seen += 1
        bad = read.outcome in ("failed", "error")
        self._bad += bad
        path = scrub.clean(read.name).removeprefix("./")
        if path in self._files:  # a file as a whole: it is told of only when it could not be run
            if bad:
                self._unrun(path, read)
            return
        text = "".join(read.texts)
        outer = [suite.name for suite in self._suites] + ([read.where] if read.where != read.name else [])
        told = [part for part in dict.fromkeys(outer) if part not in UNTOLD]
        name = "::".join([*told, read.name])
        self._found.add(name, read.outcome, read.seconds, said=read.said, printed=text, places=self._places)

    def _unrun(self, path: str, read: _Open) -> None:
        raised = ERROR.search(self._printed)
        said = f"it could not be run: {raised[1]}" if raised else read.said
        self._found.add(path, "error", read.seconds, said=said, printed=self._printed, places=self._places)


def _number(given: Mapping[str, str], key: str) -> int:
    value = given.get(key, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0


def _seconds(given: Mapping[str, str]) -> float:
    try:
        return float(given.get("time", "0"))
    except ValueError:
        return 0.0
