"""Findings about files that are never run."""

import pytest

from agentverse.sandbox.static import static_findings


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
    "x: int\nprint(x)",
]


@pytest.mark.parametrize(("source", "line"), UNDEFINED)
def test_a_name_that_nothing_binds_is_found_at_its_line(source: str, line: int) -> None:
    (finding,) = static_findings({"main.py": source.encode()})
    assert (finding.line, finding.severity) == (line, "major")
    assert "which is not defined" in finding.what


@pytest.mark.parametrize("source", DEFINED)
def test_a_name_that_may_be_bound_is_not_found(source: str) -> None:
    assert static_findings({"main.py": source.encode()}) == []
