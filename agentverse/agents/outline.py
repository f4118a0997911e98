"""A file in few words: what a reader must know to use it."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from agentverse.agents.reading.source import parse_python
from agentverse.agents.wording import say

_FIRST_LINES = 12
_WIDEST = 120


def outline(path: str, text: str, language: str) -> str:
    """Signatures for Python, the first lines for anything else, under a heading that says what it is."""
    head = say("outline", language, path=path)
    tree = parse_python(text) if PurePosixPath(path).suffix in (".py", ".pyi") else None
    lines = _signatures(tree.body, "") if isinstance(tree, ast.Module) else _first_lines(text, language)
    return "\n".join([f"{head}:", *lines])


def _first_lines(text: str, language: str) -> list[str]:
    lines = text.rstrip("\n").split("\n")
    shown = [line[:_WIDEST] for line in lines[:_FIRST_LINES]]
    if len(lines) > _FIRST_LINES:
        shown.append(say("more_lines", language, count=len(lines) - _FIRST_LINES))
    return shown


def _signatures(body: list[ast.stmt], indent: str) -> list[str]:
    lines: list[str] = []
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                lines.append(indent + _signature(node))
            case ast.ClassDef():
                bases = ", ".join(ast.unparse(base) for base in node.bases)
                lines.append(f"{indent}class {node.name}{f'({bases})' if bases else ''}:")
                lines += _signatures(node.body, indent + "    ")
            case ast.Assign(targets=[ast.Name(id=name), *_]) if not indent:
                lines.append(f"{name} = {ast.unparse(node.value)}"[:_WIDEST])
            case ast.AnnAssign(target=ast.Name(id=name)):
                lines.append(f"{indent}{name}: {ast.unparse(node.annotation)}"[:_WIDEST])
            case _:
                continue
    return lines


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{word} {node.name}({ast.unparse(node.args)}){returns}"
