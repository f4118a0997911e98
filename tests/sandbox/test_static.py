"""Findings about files that are never run."""

import pytest

from agentverse.sandbox import ruff
from agentverse.sandbox.static import broken_findings, static_findings


def found(files: dict[str, str]) -> list[tuple[str, int, str]]:
    return [
        (f.file, f.line, f.severity) for f in static_findings({path: text.encode() for path, text in files.items()})
    ]


def test_a_sound_product_has_none():
    files = {
        "main.py": "from app import core, VERSION\nfrom app.core import run as go\nimport app.core as c\nx = 1\n",
        "app/__init__.py": "VERSION = '1'\nfrom .core import run\n",
        "app/core.py": "from . import util\nfrom .util import *\nfrom ..main import x\ndef run(): ...\n",
        "app/util.py": "try:\n    import ujson as json\nexcept ImportError:\n    import json\n(a, *b), c = (1, 2), 3\n",
        "tests/test_core.py": "import pytest\nfrom helpers import thing\nfrom app.util import a, b, c, json\n",
        "tests/helpers.py": "class thing: pass\n",
        "src/pkg/mod.py": "from pkg import other\nimport pkg.other\n",
        "src/pkg/other.py": "",
        "data/readme.txt": "def f(:",
    }
    assert found(files) == []


def test_files_that_do_not_parse():
    assert found({"a.py": "x = 1\ndef f(:\n", "b.py": "x = '\0'", "c.py": "(" * 5000}) == [
        ("a.py", 2, "blocker"),
        ("b.py", 0, "blocker"),
        ("c.py", 1, "blocker"),
    ]


def test_deep_nesting_and_size_are_findings_and_not_crashes():
    assert found({"a.py": "-" * 200_000 + "1", "b.py": "#" * (2 << 20)})[-1] == ("b.py", 0, "blocker")


def test_own_modules_that_are_not_there():
    files = {
        "main.py": "import app.missing\nfrom app.gone import x\nfrom app import nothing\nfrom .lost import y\n",
        "app/__init__.py": "",
        "app/core.py": "from .nowhere import z\nfrom . import core, absent\n",
    }
    assert found(files) == [
        ("app/core.py", 1, "blocker"),
        ("app/core.py", 2, "major"),
        ("main.py", 1, "blocker"),
        ("main.py", 2, "blocker"),
        ("main.py", 3, "major"),
        ("main.py", 4, "blocker"),
    ]


def test_names_made_at_run_time_are_given_the_benefit_of_the_doubt():
    files = {
        "main.py": "from dyn import anything\nfrom star import other\nfrom later import counter\n",
        "dyn.py": "globals()['anything'] = 1\n",
        "star.py": "from dyn import *\n",
        "later.py": "def start():\n    global counter\n    counter = 1\n",
    }
    assert found(files) == []


def test_packages_that_are_not_installed_are_minor():
    assert found({"a.py": "import numpy as np\nimport os.path\n"}) == [("a.py", 1, "minor")]


def test_source_in_another_encoding():
    assert static_findings({"a.py": "# -*- coding: latin-1 -*-\nname = 'café'\n".encode("latin-1")}) == []
    assert [f.line for f in static_findings({"a.py": "name = 'café'\n".encode("latin-1")})] == [1]


UNDEFINED = [
    ("def f():\n    return helper(1)", 2),
    ("print(os.getcwd())", 1),
    ("class A:\n    def f(self):\n        return Path(self.x)", 3),
    ("def f(x):\n    return [y for y in x if z]", 2),
    ("@decorate\ndef f(): pass", 1),
    ("def f(a=LIMIT): pass", 1),
    ("class A(Base): pass", 1),
    ("def f():\n    return _helper()", 2),
    ("def f(x):\n    return eval(x) + missing", 2),
    ("def f():\n    items = []\ndef g():\n    return items", 4),
    ("print(missing)  # noqa\n# ruff: noqa", 1),
    ("try:\n    f()\nexcept ValueError:\n    print(g)\ndef f(): pass", 4),
]
DEFINED = [
    "print(len([]), __name__, __file__, __doc__)",
    "def f():\n    return later()\ndef later(): pass",
    "def f():\n    global state\n    state = 1\ndef g():\n    return state",
    "from os.path import *\nprint(join('a'))",
    "globals()['x'] = 1\nprint(x)",
    "try:\n    unicode\nexcept NameError:\n    pass",
    "def f(x: Missing) -> Missing: pass",
    "class A:\n    x = 1\n    y = x\n    def f(self): return __class__",
    "[x for x in range(3) if (y := x)]\nprint(y)",
    "match 1:\n    case int(n): print(n)",
    "import os.path as p, sys\nwith open('x') as f: print(f, p, sys)",
    "for i in []: pass\nelse: print(i)",
    "try: pass\nexcept ValueError as e: print(e)",
    "import sys\nif sys.version_info < (3,):\n    text = unicode\nelse:\n    text = str",
    "def f(*args, **kwargs): return lambda a: (args, kwargs, a)",
    "from typing import cast\ndef f(x): return cast('Missing', x)",
    "import gettext\ngettext.install('app')\nprint(_('hello'))",
    "from contextlib import suppress\nwith suppress(NameError): unicode",
    "import builtins\nbuiltins.say = print\nsay('x')",
    "e = None\ntry: pass\nexcept ValueError as e: pass\nprint(e)",
    "x: int\nprint(x)",
    "for n in range(3):\n    if n: print(last)\n    last = n",
    "def f():\n    for n in range(3):\n        if n: print(last)\n        last = n",
    "def helper(): pass\ndef f(): helper()\nf()\ndel helper",
    "try: get_ipython\nexcept NameError: pass\nelse: get_ipython()",
    "class A:\n    def __f(self): pass\n    def g(self): self.__f()",
    "TYPE_CHECKING = False\nprint(undefined if TYPE_CHECKING else 1)",
]


@pytest.mark.parametrize(("source", "line"), UNDEFINED)
def test_a_name_that_nothing_binds_is_found_at_its_line(source: str, line: int) -> None:
    (finding,) = static_findings({"main.py": source.encode()})
    assert (finding.line, finding.severity) == (line, "major")
    assert "which is not defined" in finding.what


@pytest.mark.parametrize("source", DEFINED)
def test_a_name_that_may_be_bound_is_not_found(source: str) -> None:
    assert static_findings({"main.py": source.encode()}) == []


def test_a_name_that_another_module_sets_is_not_found() -> None:
    files = {"main.py": "import state\nstate.screen = 1\n", "state.py": "def f():\n    return screen\n"}
    assert found(files) == []
    assert found({**files, "main.py": "class A:\n    def f(self):\n        self.screen = 1\n"}) == [
        ("state.py", 2, "major")
    ]


REFUSED = ["return 1", "def f(a, a): pass", "for x in []: pass\nelse: continue", "def f():\n    nonlocal q\n    q = 1"]


@pytest.mark.parametrize("source", REFUSED)
def test_what_python_refuses_although_it_can_be_parsed_is_a_blocker(source: str) -> None:
    (finding,) = static_findings({"main.py": source.encode()})
    assert finding.severity == "blocker"


@pytest.mark.parametrize(
    "source",
    ["'%s %s' % (1, 2, 3)", "'{} {}'.format(1)", "n = 0\ndef f():\n    n += 1", "raise NotImplemented",
     "class A:\n    def __len__(self): return -1", "assert (1, 'x')", "x = 1\nprint(x is 'a')"],
)  # fmt: skip
def test_what_raises_when_it_is_reached_is_found(source: str) -> None:
    assert [finding.severity for finding in static_findings({"main.py": source.encode()})] == ["major"]


@pytest.mark.parametrize(
    "source",
    ["import os, sys", "x = 1;y=2", "def f():\n    unused = 1", "l = 1", "from os import *", "f''", "x = {1: 2, 1: 3}",
     "def f():\n    raise", "'a'.strip('aa')", "def f(x=[]): pass", "print('x' * 200" + " " * 200 + ")"],
)  # fmt: skip
def test_style_is_nobodys_business(source: str) -> None:
    assert static_findings({"main.py": source.encode()}) == []


def test_only_what_is_certain_is_called_broken() -> None:
    files = {
        "a.py": b"def f(:",
        "b.py": b"print(missing)",
        "c.py": b"import nowhere\n'{} {}'.format(1)",
        "d.py": b"return",
    }
    assert [(f.file, f.severity) for f in broken_findings(files)] == [
        ("a.py", "blocker"),
        ("b.py", "major"),
        ("d.py", "blocker"),
    ]


def test_what_python_can_parse_ruff_can_too_however_deep_it_is() -> None:
    """Each is as deep as Python takes it; one step beyond, ruff never sees it."""
    deep = ["x = " + "-" * 900 + "1", "x = " + "+".join("1" * 900), "x = " + "not " * 900 + "1", "(" * 190 + ")" * 190]
    files = {f"{n}.py": text.encode() for n, text in enumerate(deep)} | {"last.py": b"print(missing)"}
    assert [finding.file for finding in broken_findings(files)] == ["last.py"]


def test_a_flood_of_faults_is_cut_and_a_checker_that_gives_up_says_so(monkeypatch) -> None:
    files = {"a.py": ("[" + ",".join(f"u{n}" for n in range(2000)) + "]").encode()}
    assert len(static_findings(files)) == 50
    monkeypatch.setattr(ruff, "OUTPUT", 4096)
    assert 0 < len(static_findings(files)) < 50
    monkeypatch.setattr(ruff, "MEMORY", 1 << 20)
    (finding,) = static_findings(files)
    assert (finding.severity, "cannot be looked through" in finding.what) == ("minor", True)


def test_settings_of_the_product_and_of_the_user_do_not_count(monkeypatch, tmp_path) -> None:
    (tmp_path / "ruff.toml").write_text("lint.ignore = ['F821']\nbuiltins = ['missing']")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("RUFF_CONFIG", str(tmp_path / "ruff.toml"))
    monkeypatch.chdir(tmp_path)
    files = {"a.py": "print(missing)", "ruff.toml": "lint.ignore = ['F821']", "../../b.py": "x = 1", "/c.py": "x"}
    assert [f[:2] for f in found(files)] == [("/c.py", 1), ("a.py", 1)]
