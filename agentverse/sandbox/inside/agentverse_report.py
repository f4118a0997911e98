"""A pytest plugin that writes down, as JSON lines, what pytest itself says about each test.

It runs inside the box next to code nobody trusts, so it only reports; the host decides. It needs nothing but pytest
and the standard library, and is loaded by name: ``pytest -p agentverse_report``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agentverse_lines import Lines

SOURCE_LINES = 12
LONGEST = 4000
LONGEST_LINES = 1 << 19
"""Bytes that tell of lines. A report that is too long is none."""


class Reporter:
    """Writes one line an event to an open file."""

    def __init__(self, path: str, lines: Lines | None) -> None:
        self._lines = lines
        self._file = open(path, "w", encoding="utf-8", buffering=1)  # noqa: SIM115, open until the process ends
        self._here = os.getcwd()

    def _say(self, event: str, **fields: object) -> None:
        self._file.write(json.dumps({"event": event, **fields}) + "\n")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._say("start", id=nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._say(
            "phase",
            id=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            seconds=report.duration,
            expected=hasattr(report, "wasxfail"),
            **(self._failure(report) if report.failed else {}),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._say("broken", id=report.nodeid, **self._failure(report))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._say("collected", count=len(session.items))

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: object) -> None:
        self._say("internal", message=_last_line(str(excrepr)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self._say("finish", exit=int(exitstatus))
        self._say_lines()

    def _say_lines(self) -> None:
        """What was run, when that is known to the end. Whatever goes wrong here says nothing about the tests."""
        try:
            ran = self._lines.gather() if self._lines is not None else None
            room = LONGEST_LINES
            for path, lines in sorted((ran or {}).items()):
                text = ",".join(map(str, sorted(lines)))
                room -= len(path) + len(text)
                if room > 0:
                    self._say("ran", id=path, lines=text)
            if ran is not None and room > 0:
                self._say("ran")
        except Exception:
            return

    def _failure(self, report: pytest.TestReport | pytest.CollectReport) -> dict[str, Any]:
        """The message, and the innermost place in the product's own files with its source lines."""
        detail: Any = report.longrepr
        crash = getattr(detail, "reprcrash", None)
        text = str(detail) if detail is not None else ""
        places: list[tuple[str, list[str]]] = []
        traceback = getattr(detail, "reprtraceback", None)
        for entry in getattr(traceback, "reprentries", ()):
            where = getattr(entry, "reprfileloc", None)
            if where is not None:
                place = self._own(where.path, where.lineno)
                if place:
                    places.append((place, list(getattr(entry, "lines", ()))))
        message = crash.message if crash is not None else _last_line(text)
        frame, lines = places[-1] if places else self._plain(text)
        return {
            "message": message[:LONGEST],
            "place": frame,
            "callers": [place for place, _ in places[:-1]][-3:],
            "lines": [line[:300] for line in lines[-SOURCE_LINES:]],
        }

    def _plain(self, text: str) -> tuple[str, list[str]]:
        """The same from a traceback that pytest hands over as text, as it does for files it cannot import."""
        place, kept = "", list[str]()
        for line in text.splitlines():
            header = re.match(r"(?:E\s+File \"(.+)\", line (\d+)|(\S.*):(\d+): in )", line)
            if header:
                path, number = header[1] or header[3], header[2] or header[4]
                place = self._own(path, int(number)) or place
                kept = [line] if header[1] else []
            elif line.strip():
                kept.append(line)
        return place, kept

    def _own(self, path: str, line: int) -> str:
        """``path:line`` of a file beneath the working directory; "" for the library's."""
        relative = os.path.relpath(os.path.join(self._here, path), self._here)
        return "" if relative.startswith("..") else f"{relative}:{line}"


def _last_line(text: str) -> str:
    """The exception at the end of a traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
    return errors[-1] if errors else lines[-1].strip() if lines else "it failed without a message"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    # As ``python -m pytest`` has it; left out until pytest itself had been found.
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)


def pytest_configure(config: pytest.Config) -> None:
    # Taken out of the environment so that a pytest started by a test does not write over this report.
    path = os.environ.pop("AGENTVERSE_REPORT", "")
    if path:
        config.pluginmanager.register(Reporter(path, _lines(f"{path}-lines")), "agentverse-reporter")


def _lines(folder: str) -> Lines | None:
    """Counts lines where the host asked for it: then the module is there."""
    try:
        from agentverse_lines import begin
    except ImportError:
        return None
    return begin(folder)
