"""Whether a change of tests makes them demand less, and which tests demand nothing. Nothing is executed."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentverse.blueprint.artifacts import Finding
from agentverse.sandbox import scrub
from agentverse.sandbox.assertions import LOOSE, NOTHING, TIGHT, Claim, Function, called, claims, is_broader
from agentverse.sandbox.reached import reached

MOST = 50
LONGEST = 1 << 20
SKIPS = frozenset({
    "skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "importorskip", "skipTest", "SkipTest",
})  # fmt: skip
CODES = (
    "broken-tests", "removed-test", "removed-case", "removed-assertion", "weakened-assertion", "widened-tolerance",
    "broadened-exception", "new-skip", "guarded-assertion", "early-return", "new-hook", "asserts-nothing",
)  # fmt: skip
"""Every ``what`` of a finding begins with one of these and a colon."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A function of a test file."""

    path: str
    name: str
    """With the class it belongs to: ``TestMenu::test_opens``."""
    node: Function
    is_test: bool
    claims: Sequence[Claim]
    counting: Sequence[Claim]
    """Those that are reached and whose failure is not swallowed."""


@dataclass(slots=True)
class Suite:
    """All test files of a product as they stand."""

    trees: dict[str, ast.Module] = field(default_factory=dict[str, ast.Module])
    broken: dict[str, int] = field(default_factory=dict[str, int])
    """Files that do not parse, with the line."""
    units: dict[tuple[str, str], Unit] = field(default_factory=dict[tuple[str, str], Unit])


def weakened(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Finding]:
    """What tests demanded and do not demand any more.

    Another expected value in an otherwise equal assertion is a correction and not found.

    Args:
        before: the test files as they stood, by relative path.
        after: the same files now; one that is missing was deleted.

    Returns:
        At most 50 findings by path and line of ``after``; each ``what`` begins with a code.
    """
    old, new = read_suite(before), read_suite(after)
    findings = [
        _finding(path, line, "broken-tests", "the file does not parse any more")
        for path, line in new.broken.items()
        if path in old.trees
    ]
    spare = [unit for key, unit in new.units.items() if unit.is_test and key not in old.units]
    for key, unit in old.units.items():
        if unit.path in new.broken:
            continue
        now = new.units.get(key) or _renamed(unit, spare)
        if now is not None:
            findings += _compare(unit, now)
        elif unit.is_test:
            findings.append(_finding(unit.path, 0, "removed-test", f"{unit.name} is gone"))
    for path, tree in new.trees.items():
        findings += _compare_files(path, old.trees.get(path), tree)
    return _ordered(findings)


def empty_tests(files: Mapping[str, bytes]) -> list[Finding]:
    """Tests that assert nothing: whatever the product does, they pass unless it raises.

    Args:
        files: the test files, and whatever else may hold helpers that assert.

    Returns:
        One finding for each such test, code ``asserts-nothing``; at most 50.
    """
    return _ordered(
        [
            _finding(unit.path, unit.node.lineno, "asserts-nothing", f"{unit.name} asserts nothing", "assert a result")
            for unit in read_suite(files).units.values()
            if is_empty(unit)
        ]
    )


def is_empty(unit: Unit) -> bool:
    """Whether a function is a test that asserts nothing."""
    return unit.is_test and all(claim.demand <= NOTHING for claim in unit.counting)


def read_suite(files: Mapping[str, bytes]) -> Suite:
    """Parse files and find the assertions of their functions; of two with one name the later counts, as in Python."""
    suite = Suite()
    functions: dict[tuple[str, str], tuple[Function, bool]] = {}
    for path in sorted(files):
        if not path.endswith(".py"):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(files[path][: LONGEST + 1])
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            suite.broken[path] = getattr(error, "lineno", 0) or 0
            continue
        suite.trees[path] = tree
        for name, node, is_test in _functions(tree.body, ""):
            functions[path, name] = (node, is_test)
    helpers = _asserting(
        {key[1].rpartition("::")[2]: node for key, (node, is_test) in functions.items() if not is_test}
    )
    for (path, name), (node, is_test) in functions.items():
        given = [
            Claim(node.lineno, f"fixture {argument.arg}", argument.arg, LOOSE, f"the fixture {argument.arg}")
            for argument in node.args.args
            if argument.arg in helpers
        ]
        counting = [claim for claim in claims(reached(node), helpers) if "try" not in claim.guards] if is_test else []
        suite.units[path, name] = Unit(path, name, node, is_test, claims(node, helpers) + given, counting + given)
    return suite


def _functions(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, Function, bool]]:
    """Functions and methods with whether pytest collects them."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            fixture = any(called(decorator) == "fixture" for decorator in node.decorator_list)
            yield f"{prefix}{node.name}", node, node.name.startswith("test") and not fixture
        elif isinstance(node, ast.ClassDef):
            collected = node.name.startswith("Test") or any("TestCase" in called(base) for base in node.bases)
            for name, inner, is_test in _functions(node.body, f"{prefix}{node.name}::"):
                yield name, inner, is_test and collected
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions(node.body, prefix)


def _asserting(functions: Mapping[str, Function]) -> set[str]:
    """Names of the functions that assert, themselves or through one another."""
    asserting: set[str] = set()
    while True:
        more = {
            name
            for name, node in functions.items()
            if name not in asserting and any(claim.demand > NOTHING for claim in claims(node, asserting))
        }
        if not more:
            return asserting
        asserting |= more


# ---------------------------------------------------------------------- before and after


def _renamed(unit: Unit, spare: list[Unit]) -> Unit | None:
    """A new test that holds every assertion of one that is gone."""
    wanted = Counter(claim.shape for claim in unit.claims)
    for other in spare:
        if wanted <= Counter(claim.shape for claim in other.claims) and (wanted or not other.claims):
            spare.remove(other)
            return other
    return None


def _compare(old: Unit, new: Unit) -> Iterator[Finding]:
    yield from _compare_claims(old, new)
    at = new.node.lineno
    if _cases(new.node) < _cases(old.node):
        yield _finding(new.path, at, "removed-case", f"{new.name} has fewer parameter sets than before")
    if _skips(new.node) > _skips(old.node):
        yield _finding(new.path, at, "new-skip", f"{new.name} is skipped or expected to fail")
    if _guarded(new.claims) > _guarded(old.claims):
        text = f"assertions of {new.name} stand in a 'try' or 'if' by which they may not count"
        yield _finding(new.path, at, "guarded-assertion", text)
    if _returns(new) > _returns(old):
        yield _finding(new.path, at, "early-return", f"{new.name} may return before its last assertion")


def _compare_claims(old: Unit, new: Unit) -> Iterator[Finding]:
    """Match the assertions of two versions: equal ones first, then those about the same thing, then any."""
    gone, come = list(old.claims), list(new.claims)
    for claim in list(gone):
        same = next((other for other in come if other.shape == claim.shape), None)
        if same is not None:
            gone.remove(claim)
            come.remove(same)
    pairs: list[tuple[Claim, Claim]] = []
    for same_subject in (True, False):
        for claim in list(gone):
            fit = [other for other in come if not same_subject or other.subject == claim.subject]
            if fit:
                best = max(fit, key=lambda other: (not _lessened(claim, other), other.demand))
                pairs.append((claim, best))
                gone.remove(claim)
                come.remove(best)
    for claim in gone:
        yield _finding(new.path, new.node.lineno, "removed-assertion", f"{new.name} no longer has: {claim.text}")
    for was, now in pairs:
        code = _lessened(was, now)
        if code:
            yield _finding(new.path, now.line, code, f"{new.name}: {was.text} became {now.text}")


def _lessened(was: Claim, now: Claim) -> str:
    """The code for how ``now`` demands less than ``was``; "" when it does not."""
    if was.raises and now.raises:
        return "broadened-exception" if is_broader(now.raises, was.raises) or was.match > now.match else ""
    if now.demand < was.demand:
        return "weakened-assertion"
    return "widened-tolerance" if now.tolerance > max(was.tolerance, TIGHT) else ""


def _cases(node: Function) -> int:
    """Parameter sets written in the decorators."""
    total = 1
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and called(decorator) == "parametrize" and len(decorator.args) > 1:
            values = decorator.args[1]
            total *= len(values.elts) if isinstance(values, ast.List | ast.Tuple | ast.Set) else 1
    return total


def _skips(node: ast.AST) -> int:
    return sum(isinstance(inner, ast.Name | ast.Attribute) and called(inner) in SKIPS for inner in ast.walk(node))


def _guarded(found: Sequence[Claim]) -> int:
    return sum(bool(claim.guards) and claim.demand > NOTHING for claim in found)


def _returns(unit: Unit) -> int:
    """Ways out before the last assertion."""
    last = max((claim.line for claim in unit.claims), default=0)
    waiting: list[ast.AST] = list(unit.node.body)
    count = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        count += isinstance(node, ast.Return) and node.lineno < last
        waiting += ast.iter_child_nodes(node)
    return count


def _compare_files(path: str, old: ast.Module | None, new: ast.Module) -> Iterator[Finding]:
    """Marks for a whole file or class, and hooks that change what pytest does."""
    before = list(_outside(old)) if old is not None else []
    marks = sum(_skips(node) for node in _outside(new))
    if marks > sum(_skips(node) for node in before):
        yield _finding(path, 0, "new-skip", "the file or a class in it is skipped")
    for name in sorted(_hooks(new) - (_hooks(old) if old is not None else set())):
        yield _finding(path, 0, "new-hook", f"{name} changes which tests count")


def _outside(tree: ast.Module) -> Iterator[ast.AST]:
    """What stands outside of functions, and the decorators and bases of classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from node.decorator_list
            yield from (inner for inner in node.body if isinstance(inner, ast.Assign | ast.AnnAssign | ast.Expr))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom):
            yield node


def _hooks(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names |= {node.id} & {"collect_ignore", "collect_ignore_glob", "__test__", "pytest_plugins"}
    return names


def _finding(path: str, line: int, code: str, text: str, how: str = "") -> Finding:
    what = scrub.one_line(scrub.clean(f"{code}: {text}"), 400)
    return Finding(file=path[:120], line=line, severity="blocker", what=what, how=how)


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.file, finding.line))[:MOST]
