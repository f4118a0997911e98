"""The typed values that phases hand to one another.

``ARTIFACT_TYPES`` maps the names used in YAML (``produces: {design: design}``) to models. A package outside this
repository adds one with an entry point in the group ``agentverse.artifacts``.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Annotated, Literal
from unicodedata import category

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Kind = Literal["command", "library", "window", "terminal", "web", "other"]


class Artifact(BaseModel):
    """Base of all artifact types. Unknown keys in a reply are dropped, not errors: small models like to add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Requirement(Artifact):
    """One thing the product must do, and how anyone can see that it does."""

    id: str = Field(max_length=8)
    """``R1``, ``R2`` …"""
    text: str = Field(min_length=1, max_length=400)
    test: str = Field(default="", max_length=400)
    """How it is tested: an input and what must come out."""


class Requirements(Artifact):
    """What was agreed with the customer."""

    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(max_length=600)
    kind: Kind = "command"
    language: str = Field(default="python", max_length=20)
    """Programming language, lower case."""
    dependencies: list[str] = Field(default_factory=list, max_length=12)
    """Third-party packages by plain name; empty means the standard library."""
    items: list[Requirement] = Field(min_length=1, max_length=20)


class DesignFile(Artifact):
    """One source file to be written."""

    path: str = Field(min_length=1, max_length=120)
    purpose: str = Field(max_length=300)
    names: list[str] = Field(default_factory=list, max_length=30)
    """Public names with their signatures, such as ``convert(value: float, unit: str) -> float``."""
    depends_on: list[str] = Field(default_factory=list, max_length=20)
    """Paths of files in this design that it imports."""


class Design(Artifact):
    """How the product is cut into files."""

    files: list[DesignFile] = Field(min_length=1, max_length=40)
    entry: str = Field(default="", max_length=120)
    """Path of the file that is started; empty for a library."""
    start: str = Field(default="", max_length=200)
    """Command that starts the product, such as ``python main.py --help``."""


class Files(Artifact):
    """Whole files. The contents live in the workspace at ``commit``; here are their paths."""

    paths: list[str]
    commit: str = ""


class Edits(Artifact):
    """Changes to existing files, applied at ``commit``; ``paths`` are the files touched."""

    paths: list[str]
    commit: str = ""


class Finding(Artifact):
    """One thing a reviewer found."""

    file: str = Field(default="", max_length=120)
    line: int = 0
    severity: Literal["blocker", "major", "minor"] = "major"
    what: str = Field(max_length=400)
    how: str = Field(default="", max_length=400)
    """How to mend it."""


class Verdict(Artifact):
    """A reviewer's judgement: first what was found, then what follows. An approved one may carry minor findings."""

    findings: list[Finding] = Field(default_factory=list[Finding], max_length=12)
    approved: bool


class Opinion(Artifact):
    """What a seat in a meeting says about another's proposal."""

    agreed: bool
    message: str = Field(default="", max_length=1200)


class TestCase(Artifact):
    """One test as the test runner reported it."""

    __test__ = False

    id: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    seconds: float = 0.0
    message: str = ""
    """Why it failed: the exception and its text, one line."""
    frame: str = ""
    """``file:line`` where it failed, and the failing source lines."""


class TestResults(Artifact):
    """Counts and cases of one test session."""

    __test__ = False

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    cases: list[TestCase] = Field(default_factory=list[TestCase])
    """Failed and broken cases in full; passed ones by id and time only."""


class Covered(Artifact):
    """Statements that tests ran, of all there are."""

    covered: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return 100 * self.covered // self.total if self.total else 100


class FileCoverage(Covered):
    """Those of one file."""

    path: str
    missing: list[str] = Field(default_factory=list)
    """Lines that were not run: ``3``, ``7-9``."""


class Coverage(Covered):
    """Those of the product. It explains and never decides."""

    files: list[FileCoverage] = Field(default_factory=list[FileCoverage])


class Step(Artifact):
    """One thing a person does with the product, and what must be seen then."""

    do: Literal["run", "open", "key", "type", "click", "wait"]
    what: str = Field(default="", max_length=200)
    """``run``: the words after the program's name. ``open``: path of a page. ``key``: a name such as ``Left``,
    ``Enter``, ``Ctrl+C`` or one character. ``type``: text; on a page ``field = text``. ``click``: ``x,y`` in a window,
    on a page the text of a button or link. ``wait``: seconds, at most 3.
    """
    see: str = Field(default="", max_length=200)
    """Text that must then be on the screen, the page or in what was printed. In a window, where text cannot be read:
    anything but "" means that the picture must have changed."""


class Tour(Artifact):
    """How a person tries the product out, written by whoever tests it."""

    steps: list[Step] = Field(min_length=1, max_length=12)


ShowKind = Literal["command", "window", "terminal", "web"]


class Moment(Artifact):
    """What was seen after one step; the first is the start."""

    did: str
    saw: str = ""
    """Text on the screen, of the page, or what was printed (at most 2,000 characters)."""
    picture: str = ""
    """Path of a PNG beside the run; empty when there is none."""


class Show(Artifact):
    """The product as a person would have seen it."""

    kind: ShowKind
    command: list[str] = Field(default_factory=list)
    """Words that started it."""
    passed: bool
    reason: str = ""
    """Why it did not pass, one sentence; empty when it did."""
    ended: str = "exited"
    """``exited``, a limit as in ``Evidence``, or ``not_run``: then ``fix`` says what this machine lacks."""
    fix: str = ""
    moments: list[Moment] = Field(default_factory=list[Moment])
    changed: list[str] = Field(default_factory=list)
    """Commands that printed something else than on visit ``since``, the first on which the look passed."""
    since: int = 0
    seconds: float = 0.0


class Evidence(Artifact):
    """What a sandboxed command showed. Only this closes a test phase."""

    kind: Literal["command", "tests", "static", "window", "terminal", "web", "hollow", "control"] = "command"
    """``hollow``: tests were run on an empty program, and it passed when they noticed. ``control``: they were made to
    fail, and it passed when each did.
    """
    command: list[str] = Field(default_factory=list)
    passed: bool
    reason: str = ""
    """Why it did not pass, one sentence; empty when it did. Further lines say what can be seen in the files."""
    exit_code: int | None = None
    ended: str = "exited"
    """``exited``, ``timeout``, ``memory``, ``pids``, ``disk``, ``output``, ``killed``, ``sandbox_lost`` or ``not_run``.
    """
    seconds: float = 0.0
    tests: TestResults | None = None
    coverage: Coverage | None = None
    """None when it was not counted."""
    head: str = ""
    """First part of what the command printed (at most 4,000 characters)."""
    tail: str = ""
    """Last part, when the whole did not fit in ``head``."""
    shows: list[Show] = Field(default_factory=list[Show])
    """The product looked at as a person would, after the command passed."""
    commit: str = ""
    """The commit of the workspace this was shown for."""
    repeats: int = 0
    """How many times in a row the same failure was seen before this one."""
    sandbox: str = ""
    """Name of the sandbox backend that ran it."""
    warm: bool = False
    """It was shown in a session, beside other tries: a hint, which closes no phase."""

    @property
    def score(self) -> tuple[int, int, int]:
        """Orders evidence from worse to better: passed, tests that passed, tests that did not (negated)."""
        tests = self.tests or TestResults()
        failed = sum(not show.passed and show.ended != "not_run" for show in self.shows)
        return (int(self.passed), tests.passed, -(tests.failed + tests.errors + failed))

    @property
    def fingerprint(self) -> str:
        """Equal for two pieces of evidence that show the same failure. Times and addresses do not count."""
        if unseen := [show.reason for show in self.shows if not show.passed and show.ended != "not_run"]:
            return "|".join(unseen)
        if self.tests and self.tests.cases:
            bad = [c for c in self.tests.cases if c.outcome in ("failed", "error")]
            return "|".join(f"{c.id}:{c.message}" for c in bad) or self.reason
        return f"{self.ended}:{self.exit_code}:{(self.tail or self.head)[-600:]}"


def _as_title(said: object) -> object:
    """A title that is safe wherever names stand: it is part of every prompt and of what is printed."""
    if not isinstance(said, str):
        return said
    kept = "".join(char if char.isalnum() or category(char)[0] == "M" or char in _IN_TITLES else " " for char in said)
    return " ".join(kept.split()).strip("-.,/&·、， ")[:60].strip()


def _as_line(said: object) -> object:
    """One line without characters that a terminal would act on."""
    if not isinstance(said, str):
        return said
    kept = "".join(" " if category(char)[0] in "CZ" else char for char in said)
    return " ".join(kept.split())[:400].strip()


_IN_TITLES = frozenset("-.,/&'’()·、，（）")
"""Marks that a title may hold beside letters and digits."""


class Recruit(Artifact):
    """One member of a team that is put together while a run goes on."""

    title: Annotated[str, BeforeValidator(_as_title)] = Field(min_length=1, max_length=60)
    """What the member is called: letters, digits and a few marks. What else is in it is left out."""
    duties: Annotated[str, BeforeValidator(_as_line)] = Field(default="", max_length=400)
    """What the member knows and answers for, one line."""


class Team(Artifact):
    """Roles for the seats of a later phase."""

    members: list[Recruit] = Field(min_length=1, max_length=12)


class Attempt(Artifact):
    """One round of work on a task, and what was made of it."""

    solution: str
    accepted: bool = False
    score: float = 0
    """Compares rounds of one run."""
    advice: str = ""
    """What to do better."""


class Attempts(Artifact):
    """All rounds so far; the list only grows."""

    tried: list[Attempt] = Field(default_factory=list[Attempt])

    @property
    def accepted(self) -> bool:
        """Whether the latest round was."""
        return bool(self.tried) and self.tried[-1].accepted

    @property
    def best(self) -> Attempt:
        """The accepted one, else the one with the highest score; of equals the later."""
        return max(reversed(self.tried), key=lambda one: (one.accepted, one.score), default=Attempt(solution=""))

    @property
    def latest(self) -> Attempt:
        return self.tried[-1] if self.tried else Attempt(solution="")


class Answer(Artifact):
    """What a person answered at a gate."""

    text: str = ""
    choice: str = ""
    by: str = "person"
    """``person``, ``default`` or ``timeout``."""


ARTIFACT_TYPES: dict[str, type[Artifact]] = {
    "requirements": Requirements,
    "design": Design,
    "files": Files,
    "edits": Edits,
    "verdict": Verdict,
    "opinion": Opinion,
    "evidence": Evidence,
    "tour": Tour,
    "team": Team,
    "attempts": Attempts,
    "answer": Answer,
}
"""Types with fields. ``text`` and ``choice`` are plain strings; a mapping in YAML is a JSON Schema written in place."""


@cache
def artifact_types() -> dict[str, type[Artifact]]:
    """``ARTIFACT_TYPES`` and those that installed packages add; a package cannot replace one of ours."""
    added: dict[str, type[Artifact]] = {
        point.name: point.load() for point in entry_points(group="agentverse.artifacts")
    }
    return {**added, **ARTIFACT_TYPES}
