"""``call``: a registered Python function that looks at what is there. It asks no model and runs nothing."""

from __future__ import annotations

import ast
import asyncio
from typing import TYPE_CHECKING, Any

from agentverse.blueprint.artifacts import Finding, Verdict
from agentverse.engine.kinds import CALLS, call, phase_kind
from agentverse.engine.state import State
from agentverse.engine.supply import agreed_packages
from agentverse.sandbox.packages.wanted import importable, read_wish
from agentverse.sandbox.static import static_findings

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


AUTHOR = "agentverse"
"""Of files that a function writes."""


@phase_kind("call")
async def run_call(visit: Visit) -> State:
    """Call the function with the evaluated ``inputs``; its value is the artifact. Changes to files are committed."""
    inputs = {name: visit.evaluate(expression) for name, expression in visit.spec.inputs.items()}
    value = await asyncio.to_thread(CALLS.find(visit.spec.call or ""), visit, inputs)
    name, type = next(iter(visit.spec.produces.items()), (visit.name, "text"))
    return await visit.keep(name, type, value, author=AUTHOR)


@call("unfinished")
def unfinished(visit: Visit, inputs: dict[str, Any]) -> Verdict:
    """Functions whose body is only ``pass``, ``...`` or ``raise NotImplementedError``."""
    findings: list[Finding] = []
    for path in sorted(visit.state.files):
        if path.endswith(".py"):
            findings += _stubs(path, visit.work.repo.read(visit.state.commit, path))
    return Verdict(approved=not findings, findings=findings[:12])


@call("lint")
def lint(visit: Visit, inputs: dict[str, Any]) -> Verdict:
    """What can be seen without running: files that do not parse, imports and names that lead nowhere."""
    files = {path: visit.work.repo.read(visit.state.commit, path) for path in visit.state.files}
    wish = read_wish(files, agreed_packages(visit))
    findings = static_findings(files, importable(wish))
    return Verdict(approved=not findings, findings=findings[:12])


def _stubs(path: str, source: bytes) -> list[Finding]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", 0) or 0
        reason = str(error) or type(error).__name__
        return [Finding(file=path, line=line, severity="blocker", what=f"does not parse: {reason}"[:400])]
    abstract = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _is_interface(node)
        for inner in node.body
    }
    return [
        Finding(file=path, line=node.lineno, severity="blocker", what=f"'{node.name}' has no body")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and id(node) not in abstract
        and not any(_name(decorator) in ("abstractmethod", "overload") for decorator in node.decorator_list)
        and _is_empty(node.body)
    ]


def _is_interface(node: ast.ClassDef) -> bool:
    return any(_name(base) in ("Protocol", "ABC") for base in node.bases)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_empty(body: list[ast.stmt]) -> bool:
    """Whether a body does nothing: a docstring, ``pass``, ``...``, ``raise NotImplementedError``."""
    for statement in body:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
            if _name(raised) == "NotImplementedError":
                continue
        return False
    return True
