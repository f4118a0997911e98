"""Runs a command in a box and says what it showed.

Fail-closed: a command passes only when it ended by itself with exit code 0 within its limits, and tests only when
pytest's own words, its exit code and the number of tests agree that some ran and all passed.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import TypedDict

from agentverse.blueprint.artifacts import Evidence, TestResults
from agentverse.sandbox import scrub, tooling
from agentverse.sandbox.lines import coverage
from agentverse.sandbox.protocol import ExecResult, Limits, Mount, Provision, Sandbox
from agentverse.sandbox.report import Report, parse

NOTHING = Provision()
_NO_FILES: Mapping[str, bytes] = {}
COUNTING = 5.0
"""Seconds after which counting lines gives up, in a session and in what that started till then: it may cost both."""
PART = 4000
"""Characters kept of each end of what a command printed."""
READABLE = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true"
"""pytest's own option: names of tests in Chinese stay readable."""
OPTIONS = (
    "-p", tooling.REPORTER, "-p", "no:cacheprovider", "-o", "addopts=", "-o", READABLE, "--rootdir=.", "--color=no",
)  # fmt: skip
"""Ours, so that no configuration in the product can keep us from hearing."""
LIMITS = {
    "timeout": "it did not end within its time",
    "memory": "it used more memory than allowed",
    "pids": "it started more processes than allowed",
    "disk": "it wrote more than allowed",
    "output": "it printed without end",
    "sandbox_lost": "the sandbox broke down",
}
NOTHING_COLLECTED = 5
MEANINGS = {
    2: "the test run was interrupted",
    3: "pytest failed inside",
    4: "pytest could not start",
    NOTHING_COLLECTED: "no tests were collected",
}
"""pytest's exit codes above 1."""


class _Given(TypedDict):
    mounts: tuple[Mount, ...]
    env: Mapping[str, str]


async def gather(
    sandbox: Sandbox,
    argv: Sequence[str],
    *,
    limits: Limits | None = None,
    held: Sequence[str] = (),
    provision: Provision = NOTHING,
    measured: Mapping[str, bytes] = _NO_FILES,
    warm: bool = False,
) -> Evidence:
    """Run ``argv`` and judge it.

    Args:
        sandbox: a box that holds the product.
        argv: words. ``pytest …`` and ``python -m pytest …`` give test results.
        held: files that tests can read but not change while they run.
        limits: those of the box when None.
        provision: what the product needs besides its files.
        measured: Python files of which it is counted what tests run; none to leave it out. It takes no part in the
            verdict: the time that counting can take is given on top of the limits.
        warm: run it in the session of the box, where nothing is held or measured. It is quick, and no verdict.

    Returns:
        What was seen. Whatever the command does is evidence; only a missing sandbox is an error.

    Raises:
        SandboxUnavailable: the command could not be run at all.
    """
    command = list(argv)
    if not command or any("\0" in word for word in command):
        return Evidence(command=command, passed=False, reason="There is no command to run.", ended="not_run")
    after = pytest_words(command)
    given: _Given = {"mounts": provision.mounts, "env": provision.env}
    if after is None:
        result = await (sandbox.warm if warm else sandbox.exec)(command, limits=limits, **given)
        return as_evidence(sandbox, command, result, reason=command_reason(result), tests=None, warm=warm)
    words = ["pytest", *OPTIONS, *after]
    if warm:
        result = await sandbox.warm(["python", "-m", *words], limits=limits, **given)
    else:
        if measured:
            limits, seconds = _with_counting(limits)
            given["env"] = tooling.counting(provision.env, seconds)
        # -P: pytest itself is not looked for among the product's files, where a module of that name would be it.
        checked = ["python", "-P", "-m", *words]
        result = await sandbox.exec(checked, limits=limits, report=True, held=held, **given)
    report = parse(result.report)
    tests = report.results
    reason = _tests_reason(result, report, tests)
    evidence = as_evidence(sandbox, command, result, reason=reason, tests=tests, warm=warm)
    return evidence.model_copy(update={"coverage": coverage(report.ran, measured)}) if report.counted else evidence


def _with_counting(limits: Limits | None) -> tuple[Limits | None, float]:
    """Limits by which no session ends that would not end without counting, and for how many seconds to count."""
    if limits is None:
        return None, COUNTING
    seconds = min(COUNTING, limits.wall / 6)
    more = 2 * seconds
    return replace(limits, wall=limits.wall + more, cpu=limits.cpu + ceil(more)), seconds


def pytest_words(command: Sequence[str]) -> Sequence[str] | None:
    """The words after pytest's own name; None when the command is not pytest."""
    if list(command[:1]) in (["pytest"], ["py.test"]):
        return command[1:]
    if list(command[:3]) in (["python", "-m", "pytest"], ["python3", "-m", "pytest"]):
        return command[3:]
    return None


def as_evidence(
    sandbox: Sandbox,
    command: list[str],
    result: ExecResult,
    *,
    reason: str,
    tests: TestResults | None,
    warm: bool = False,
) -> Evidence:
    printed = [scrub.text(stream).strip("\n") for stream in (result.stdout, result.stderr)]
    shown = "\n".join(part for part in printed if part)
    if tests is not None:
        shown = scrub.without_times(shown)
    return Evidence(
        kind="command" if tests is None else "tests",
        command=command,
        passed=not reason,
        reason=f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else "",
        exit_code=result.exit_code,
        ended=result.reason,
        seconds=round(result.wall, 3),
        tests=tests,
        head=shown[:PART],
        tail=shown[PART:][-PART:],
        sandbox=sandbox.info.backend,
        warm=warm,
    )


def command_reason(result: ExecResult) -> str:
    """Why a command did not pass; empty when it did."""
    if result.reason in LIMITS:
        return LIMITS[result.reason]
    if result.signal is not None:
        return f"it was killed by {_signal_name(result.signal)}"
    if result.ok:
        return ""
    said = last_words(result)
    return f"it ended with exit code {result.exit_code}" + (f": {said}" if said else "")


def _tests_reason(result: ExecResult, report: Report, tests: TestResults) -> str:
    """Why a test session did not pass; empty when it did."""
    while_running = f" while {report.running} ran" if report.running else ""
    if result.reason in LIMITS or result.signal is not None:
        return command_reason(result) + while_running
    if report.internal:
        return f"pytest failed inside: {scrub.one_line(scrub.clean(report.internal), 200)}"
    if report.broken:
        name, case = next(iter(report.broken.items()))
        return f"{counted(len(report.broken), 'file')} could not be collected: {name}: {case.message}"
    if report.exit_code is None:
        meaning = _meaning(result) if result.exit_code else "the test run ended without a complete report"
        return meaning + while_running
    if tests.failed or tests.errors:
        return failures(result, tests)
    return _disagreement(result, report, tests)


def _meaning(result: ExecResult) -> str:
    """What pytest's exit code says, and its last words where no test says more."""
    known = MEANINGS.get(result.exit_code or 0, f"no test failed, but pytest ended with exit code {result.exit_code}")
    said = "" if result.exit_code == NOTHING_COLLECTED else last_words(result, "error")
    return known + (f": {said}" if said else "")


def failures(result: ExecResult, tests: TestResults) -> str:
    if result.exit_code == 0:
        return "tests failed, but the test run ended with exit code 0"
    first = next(case for case in tests.cases if case.outcome in ("failed", "error"))
    total = tests.passed + tests.failed + tests.errors + tests.skipped
    bad = tests.failed + tests.errors
    return f"{bad} of {counted(total, 'test')} failed, first {first.id}: {first.message}"


def _disagreement(result: ExecResult, report: Report, tests: TestResults) -> str:
    """Where no test failed: whether that can be believed."""
    if report.exit_code != result.exit_code:
        return f"pytest reported exit code {report.exit_code}, but the process ended with {result.exit_code}"
    if result.exit_code != 0:
        return _meaning(result)
    if not report.whole:
        return "the report of the tests cannot be read"
    if report.collected != len(report.cases):
        return f"{report.collected} tests were collected, but {len(report.cases)} were reported"
    if not tests.passed:
        return f"no test ran: {counted(tests.skipped, 'test')} skipped" if tests.skipped else "no tests were collected"
    return ""


def last_words(result: ExecResult, wanted: str = "") -> str:
    """The last line of stderr, else of stdout, that holds ``wanted``: where programs say what went wrong."""
    for stream in (result.stderr, result.stdout):
        lines = [line for line in scrub.text(stream).splitlines() if line.strip() and wanted in line.lower()]
        if lines:
            return scrub.one_line(lines[-1].removeprefix("E  "), 200)
    return last_words(result) if wanted else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
