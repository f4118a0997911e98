"""What can be known about Python files without running them: does Python take them, do their imports lead somewhere,
are their names bound. Python itself is asked the first, ruff the last; imports of own files are ours to follow.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import decode_source
from pathlib import PurePosixPath

from agentverse.blueprint.artifacts import Finding
from agentverse.sandbox import scrub
from agentverse.sandbox.excused import bound_from_outside, certain
from agentverse.sandbox.ruff import REFUSED, UNDEFINED, Fault, RuffFailed, faults

LONGEST = 1 << 20
MOST = 50
TOOLS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"})
DYNAMIC = frozenset({"__getattr__", "globals", "setattr", "exec", "__all__"})


@dataclass(slots=True)
class Module:
    """One parsed file."""

    path: str
    tree: ast.Module
    names: set[str] | None = field(default=None)
    """Bound at its top level; None when that cannot be told without running it."""


def static_findings(files: Mapping[str, bytes], supplied: Collection[str] = ()) -> list[Finding]:
    """Look through every ``.py`` file. Nothing is executed or imported.

    Args:
        files: the product, by relative path.
        supplied: modules of its packages.

    Returns:
        At most 50 findings by path and line: files that Python refuses and imports of the product's own modules that
        lead nowhere are blockers; names that are not there and what raises when it is reached are major; other unknown
        modules minor.
    """
    parsed = _Parsed(files)
    product = Product(files, parsed.modules, frozenset(supplied))
    found = [*parsed.refused, *parsed.undefined, *parsed.wrong]
    for module in parsed.modules.values():
        found += product.check(module)
    return _ordered(found)


def broken_findings(files: Mapping[str, bytes]) -> list[Finding]:
    """Only what no test has to reach to be certain of: files that Python refuses, and names that nothing binds."""
    parsed = _Parsed(files)
    return _ordered([*parsed.refused, *parsed.undefined])


def _ordered(found: Sequence[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (finding.file, finding.line))[:MOST]


class _Parsed:
    """The Python files of a product, and what is wrong with each by itself."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.modules: dict[str, Module] = {}
        self.refused: list[Finding] = []
        self.undefined: list[Finding] = []
        self.wrong: list[Finding] = []
        for path in sorted(files):
            if path.endswith(".py"):
                parsed = _parse(path, files[path])
                if isinstance(parsed, Finding):
                    self.refused.append(parsed)
                else:
                    self.modules[path] = parsed
        try:
            found = faults({path: files[path] for path in self.modules})
        except RuffFailed as error:
            self.wrong.append(_finding("", 0, f"the files cannot be looked through: {error}", severity="minor"))
            return
        self._take([fault for fault in found if fault.code not in UNDEFINED])
        self._take_undefined([fault for fault in found if fault.code in UNDEFINED])

    def _take(self, found: Sequence[Fault]) -> None:
        for fault in found:
            if fault.code in REFUSED:
                self.refused.append(_finding(fault.path, fault.line, fault.message))
            else:
                self.wrong.append(_finding(fault.path, fault.line, fault.message, severity="major"))

    def _take_undefined(self, found: Sequence[Fault]) -> None:
        """Each name once a file, at its first line. A name that may be bound from outside is let pass."""
        if not found:
            return
        outside = bound_from_outside(module.tree for module in self.modules.values())
        lines: dict[str, dict[str, int]] = {}
        for fault in found:
            name = fault.message.partition("`")[2].partition("`")[0]
            lines.setdefault(fault.path, {}).setdefault(name, fault.line)
        for path, names in lines.items():
            for name in certain(decode_source(self._files[path]), self.modules[path].tree, names) - outside:
                what, how = f"uses {name}, which is not defined", f"import or define {name}"
                self.undefined.append(_finding(path, names[name], what, how, "major"))


def _parse(path: str, content: bytes) -> Module | Finding:
    if len(content) > LONGEST:
        return _finding(path, 0, f"the file is larger than {LONGEST} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, filename=path)
    except SyntaxError as error:
        source = f": {error.text.strip()}" if error.text else ""
        return _finding(path, error.lineno or 0, f"{type(error).__name__}: {error.msg}{source}")
    except (ValueError, RecursionError, MemoryError) as error:
        return _finding(path, 0, f"the file cannot be parsed: {error or type(error).__name__}")
    module = Module(path, tree)
    module.names = _top_names(tree)
    return module


def _finding(path: str, line: int, what: str, how: str = "", severity: str = "blocker") -> Finding:
    return Finding.model_validate(
        {
            "file": path[:120],
            "line": line,
            "severity": severity,
            "what": scrub.one_line(scrub.clean(what), 400),
            "how": scrub.one_line(scrub.clean(how), 400),
        }
    )


class Product:
    """The files of one product, as imports see them."""

    def __init__(self, files: Mapping[str, bytes], modules: Mapping[str, Module], supplied: frozenset[str]) -> None:
        self._known = sys.stdlib_module_names | TOOLS | supplied
        self._paths = {str(PurePosixPath(path)) for path in files}
        self._modules = modules
        self._folders = {str(parent) for path in self._paths for parent in PurePosixPath(path).parents}

    def check(self, module: Module) -> Iterator[Finding]:
        """Findings about the imports of one module."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._check_module(module, node, alias.name)
            elif isinstance(node, ast.ImportFrom):
                yield from self._check_from(module, node)

    def _check_module(self, module: Module, node: ast.stmt, name: str) -> Iterator[Finding]:
        top = name.partition(".")[0]
        if self._find(self._roots(module, top), name) is not None:
            return
        if self._find(self._roots(module, top), top) is not None:
            yield _finding(module.path, node.lineno, f"imports {name}, but there is no file for it", _near(name))
        elif top not in self._known and not _is_guarded(module.tree, node):
            what = f"imports {top}, which is no file of the product and in no package that requirements.txt names"
            yield _finding(module.path, node.lineno, what, _near(top), "minor")

    def _check_from(self, module: Module, node: ast.ImportFrom) -> Iterator[Finding]:
        if node.level:
            folder = PurePosixPath(module.path).parent
            for _ in range(node.level - 1):
                folder = folder.parent
            target = self._find([str(folder)], node.module) if node.module else str(folder)
            if target is None:
                dots = "." * node.level
                what = f"imports {dots}{node.module}, but there is no file for it"
                yield _finding(module.path, node.lineno, what, _near(node.module or ""))
                return
        else:
            name = node.module or ""
            before = list(self._check_module(module, node, name))
            yield from before
            target = self._find(self._roots(module, name.partition(".")[0]), name)
            if before or target is None:
                return
        yield from self._check_names(module, node, target)

    def _check_names(self, module: Module, node: ast.ImportFrom, target: str) -> Iterator[Finding]:
        """Whether a file or folder of ours has the names that are imported from it."""
        source = target if target in self._paths else self._initial(target)
        if source and source not in self._modules:
            return  # it does not parse, which is said already
        names = self._modules[source].names if source else set[str]()
        if names is None:
            return
        for alias in node.names:
            submodule = target not in self._paths and self._find([target], alias.name) is not None
            if alias.name != "*" and alias.name not in names and not submodule:
                what = f"imports {alias.name} from {source or target}, which has no such name"
                yield _finding(
                    module.path, node.lineno, what, f"define {alias.name} there or import what it has", "major"
                )

    def _initial(self, folder: str) -> str:
        path = _join(folder, "__init__.py")
        return path if path in self._paths else ""

    def _roots(self, module: Module, top: str) -> list[str]:
        """Folders from which ``top`` may be imported: where Python and pytest put them on the path."""
        own = PurePosixPath(module.path).parent
        return [".", "src", str(own), *(str(parent) for parent in own.parents)]

    def _find(self, roots: list[str], name: str) -> str | None:
        """Path of the file or folder that the dotted ``name`` leads to; None when nowhere."""
        for root in roots:
            path = _join(root, name.replace(".", "/"))
            if f"{path}.py" in self._paths:
                return f"{path}.py"
            if path in self._folders and any(p.startswith(f"{path}/") and p.endswith(".py") for p in self._paths):
                return path
        return None


def _join(root: str, path: str) -> str:
    return path if root in (".", "") else f"{root}/{path}"


def _near(name: str) -> str:
    return f"write {name.replace('.', '/')}.py or import what is there" if name else ""


def _is_guarded(tree: ast.Module, node: ast.stmt) -> bool:
    """Whether an import stands in a ``try``: its author knows that it may fail."""
    return any(
        isinstance(outer, ast.Try) and any(inner is node for inner in ast.walk(outer)) for outer in ast.walk(tree)
    )


def _top_names(tree: ast.Module) -> set[str] | None:
    """Every name that top-level statements may bind; None when names are made at run time or by a star import."""
    names: set[str] = {"__name__", "__file__", "__doc__", "__path__", "__version__"} - {"__version__"}
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
                continue
            case ast.Import():
                names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            case ast.ImportFrom():
                names |= {alias.asname or alias.name for alias in node.names}
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case _:
                pass
        waiting += ast.iter_child_nodes(node)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            names |= set(node.names)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in DYNAMIC:
            return None
    return None if "*" in names or "__getattr__" in names else names
