"""Evidence of products that are not Python: built first, then tested, and the report of the tests read with distrust.

Fail-closed, as for pytest: tests pass only when the exit code, the report, and the tests that can be seen in the files
agree. What fails to build is an error of every test.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from agentverse.blueprint.artifacts import Evidence, Finding, TestCase, TestResults
from agentverse.blueprint.language import ProgrammingLanguage, words
from agentverse.errors import PathRefused
from agentverse.sandbox import scrub
from agentverse.sandbox.evidence import as_evidence, command_reason, counted, failures, last_words
from agentverse.sandbox.protocol import ExecResult, Limits, Provision, Sandbox
from agentverse.sandbox.report import LONGEST_ID, SHOWN_FAILURES
from agentverse.sandbox.results import Found, Places, read_go, read_junit

REPORT, SOURCES = "{report}", "{sources}"
LONGEST_REPORT = 8 << 20
READ = 200_000
"""Characters of a compiler's output that are looked at."""
SHOWN_ERRORS = 6
MOST_HELD = 256
"""Test files held read-only; each is a mount."""
COMMENT = re.compile(r"^\s*(//|/?\*).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bench:
    """A box with a product of some language in it, ready to be worked on.

    Attributes:
        held: files that no command may change, where the backend can hold them.
    """

    box: Sandbox
    language: ProgrammingLanguage
    files: Mapping[str, bytes]
    limits: Limits
    provision: Provision
    held: tuple[str, ...] = ()

    async def prepare(self) -> None:
        """Lay in what the product lacks of its language's own files."""
        lacking = {path: text.encode() for path, text in self.language.files.items() if path not in self.files}
        if lacking:
            await self.box.put(lacking)

    async def run(self, command: str | Sequence[str], *, report: str = "") -> ExecResult:
        """Run one command of the language. ``report`` is what ``{report}`` stands for."""
        argv = self.filled(command, report=report)
        given = self.provision
        return await self.box.exec(argv, limits=self.limits, held=self.held, mounts=given.mounts, env=given.env)

    def filled(self, command: str | Sequence[str], *, report: str = "") -> list[str]:
        """The words of a command with their blanks filled. A file's name never becomes an option."""
        argv: list[str] = []
        for word in words(command):
            if word == SOURCES:
                argv += [f"./{path}" for path in sorted(self.files) if self.language.is_source(path)]
            else:
                argv.append(word.replace(REPORT, report))
        return argv


async def build(bench: Bench) -> Evidence | None:
    """Build the product.

    Returns:
        Evidence of what went wrong, or None. A build that fails counts as the failure of every test there is.
    """
    for command in bench.language.build:
        result = await bench.run(command)
        if not result.ok:
            return _unbuilt(bench, bench.filled(command), result)
    return None


async def gather(bench: Bench, *, adopted: Collection[str] = ()) -> Evidence:
    """Build the product and run its tests.

    Args:
        adopted: files that were there before the run; what their tests assert is the customer's affair.

    Raises:
        SandboxUnavailable: nothing could be run at all.
    """
    await bench.prepare()
    unbuilt = await build(bench)
    if unbuilt is not None:
        return unbuilt
    language = bench.language
    name = f".report-{secrets.token_hex(8)}"  # so that nothing can have been put there before
    result = await bench.run(language.test, report=name)
    found = await _read(bench, name, result)
    tests = found.results
    if result.reason == "exited" and not result.ok and not (tests.failed or tests.errors or tests.passed):
        return _unbuilt(bench, bench.filled(language.test, report="report"), result)
    reason = _reason(bench, result, found, tests) or _shows_nothing(bench, adopted)
    return as_evidence(bench.box, bench.filled(language.test, report="report"), result, reason=reason, tests=tests)


async def _read(bench: Bench, name: str, result: ExecResult) -> Found:
    language, printed = bench.language, scrub.text(result.stdout + b"\n" + result.stderr)
    if language.report == "stdout":
        data = result.stdout
    else:
        try:
            data = await bench.box.get(language.report.replace(REPORT, name), max_bytes=LONGEST_REPORT)
        except (OSError, PathRefused):
            data = b""
    found = (
        read_go(data, bench.files) if language.results == "go-json" else read_junit(data, bench.files, printed=printed)
    )
    if result.truncated and language.report == "stdout":
        found.whole = False
    return found


# ---------------------------------------------------------------------- verdicts


def _unbuilt(bench: Bench, argv: list[str], result: ExecResult) -> Evidence:
    text = scrub.text(result.stderr + b"\n" + result.stdout)[:READ]
    places = Places(bench.files)
    errors = places.errors(text)[:SHOWN_FAILURES] if result.reason == "exited" else []
    cases = [
        TestCase(id=str(place), outcome="error", message=scrub.one_line(place.said, 300), frame=places.frame(place))
        for place in errors[:SHOWN_ERRORS]
    ]
    if errors:
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        reason = f"it does not build: {errors[0]}: {scrub.one_line(errors[0].said, 200)}{more}"
    elif result.ok or result.reason != "exited" or result.signal is not None:
        reason = f"it was not built: {command_reason(result)}"
    else:
        reason = f"it cannot be built or run: {last_words(result, 'error') or f'exit code {result.exit_code}'}"
    lost = max(len(errors), sum(map(len, _declared(bench).values())), 1)
    return as_evidence(bench.box, argv, result, reason=reason, tests=TestResults(errors=lost, cases=cases))


def _reason(bench: Bench, result: ExecResult, found: Found, tests: TestResults) -> str:
    """Why the tests did not pass; empty when they did."""
    if result.reason != "exited" or result.signal is not None:
        return command_reason(result)
    if tests.failed or tests.errors:
        return failures(result, tests)
    if not result.ok:
        return f"no test failed, but the test run ended with exit code {result.exit_code}: {last_words(result)}"
    if absent := _absent(bench, found):
        return absent
    if not found.whole:
        return "the report of the tests cannot be read, or is missing"
    if not tests.passed:
        return f"no test ran: {counted(tests.skipped, 'test')} skipped" if tests.skipped else "there are no tests"
    return ""


def _absent(bench: Bench, found: Found) -> str:
    """Which tests can be seen in the files and are not in the report; "" when none is missing."""
    declared = _declared(bench)
    total = sum(map(len, declared.values()))
    if total > len(found.cases):
        where = ", ".join(list(declared)[:SHOWN_ERRORS])
        seen = f"{counted(total, 'test')} can be seen in {where}, but only {len(found.cases)} reported"
        return f"{seen}: something ended them early"
    told = "\n".join(case.id for case in found.cases)
    for path, names in declared.items():
        for name in names:
            if name not in told:
                return f"the test '{name}' can be seen in {path}, but nothing is reported of it"
    return ""


def _declared(bench: Bench) -> dict[str, list[str]]:
    """Test files, and the tests that can be seen in each; "" stands for a name that cannot be read."""
    pattern = re.compile(bench.language.declares, re.MULTILINE)
    if not pattern.pattern:
        return {}
    found = {path: list(pattern.finditer(_code(text))) for path, text in _tests(bench).items()}
    return {path: [_name(one) for one in begins] for path, begins in found.items() if begins}


def _name(begin: re.Match[str]) -> str:
    return scrub.one_line(begin[1] or "", LONGEST_ID) if begin.re.groups else ""


def _shows_nothing(bench: Bench, adopted: Collection[str]) -> str:
    """Which test files claim nothing about the product; "" when all do."""
    pattern = bench.language.asserts
    tests = _tests(bench)
    if not pattern or not tests:
        return ""
    empty = [path for path, text in tests.items() if not _count(pattern, text)]
    if len(empty) < len(tests):
        empty = [path for path in empty if path not in adopted]
    return f"tests that assert nothing: {', '.join(empty[:SHOWN_ERRORS])}" if empty else ""


def _tests(bench: Bench) -> dict[str, bytes]:
    """Test files that are source; data beside them is not."""
    language = bench.language
    return {path: text for path, text in bench.files.items() if language.is_test(path) and language.is_source(path)}


def _code(text: bytes) -> str:
    """Source without the lines that are nothing but a comment."""
    return COMMENT.sub("", text.decode("utf-8", "replace"))


def with_held(bench: Bench) -> Bench:
    """The bench with its tests held read-only."""
    return replace(bench, held=tuple(sorted(_tests(bench)))[:MOST_HELD])


# ---------------------------------------------------------------------- tests that are edited


def weaker(before: Mapping[str, bytes], after: Mapping[str, bytes], language: ProgrammingLanguage) -> list[Finding]:
    """Which test files hold fewer tests, or claim less, than they did.

    Args:
        before: the test files as they stood.
        after: the same files now; one that is missing was deleted.
    """
    findings: list[Finding] = []
    for path, old in before.items():
        if not language.is_source(path):
            continue
        for pattern, code, what in (
            (language.declares, "removed-test", "tests"),
            (language.asserts, "removed-assertion", "assertions"),
        ):
            had, has = _count(pattern, old), _count(pattern, after.get(path, b""))
            if has < had:
                findings.append(Finding(file=path, what=f"{code}: {had} {what} became {has}"))
                break
    return findings


def _count(pattern: str, text: bytes) -> int:
    return sum(1 for _ in re.finditer(pattern, _code(text), re.MULTILINE)) if pattern else 0
