"""An empty program has the names of the real one and does nothing."""

from __future__ import annotations

import ast

import pytest

from agentverse.sandbox.hollow import hollow

SOURCE = b'''
"""Doc."""
from __future__ import annotations
import sys
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
try:
    import tomllib
except ImportError:
    tomllib = None
LIMIT: int = 3
A, B = 1, 2
print("started")

class Colour(Enum):
    RED = 1

class Point(NamedTuple):
    x: int
    y: int = 0

class Trouble(ValueError):
    pass

class Worse(Trouble):
    def __init__(self, n):
        self.n = n

@dataclass(frozen=True)
class Game:
    board: list
    @property
    def score(self):
        return 7
    @score.setter
    def score(self, value):
        raise ValueError
    @staticmethod
    def make(n):
        return Game([n])
    async def wait(self):
        return 1
    def __len__(self):
        return 3

def f(n, *, limit=LIMIT):
    if n < 0:
        raise Trouble(n)
    return n + 1

async def g():
    return 1

if __name__ == "__main__":
    sys.exit(f(2))
'''


def run(source: bytes) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "main.py", "exec"), names)
    return names


def test_every_name_is_there_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    names = run(hollow({"main.py": SOURCE}, [])["main.py"])
    assert capsys.readouterr().out == ""
    assert names["f"](-1) is None
    assert names["f"](1, limit=2) is None
    assert names["LIMIT"] is names["A"] is names["B"] is None
    assert names["Colour"].RED is None
    assert names["Point"](1, 2) is not None
    game = names["Game"]([1])
    assert game.score is None
    assert game.make(3) is None
    assert names["Game"].make(3) is None
    assert names["tomllib"] is not None
    assert issubclass(names["Worse"], ValueError)
    with pytest.raises(names["Trouble"]):
        raise names["Worse"](1)


def test_tests_and_other_files_stay_and_broken_source_is_empty() -> None:
    files = {"main.py": b"def (", "test_main.py": b"assert 1", "data.txt": b"x", "main.js": b"f()"}
    assert hollow(files, ["test_main.py"]) == {**files, "main.py": b""}


@pytest.mark.parametrize(
    "source",
    ["", "class A:\n    pass", "try:\n    x = 1\nfinally:\n    y = 2", "class E(Exception): pass", "a.b = 1", "x: int",
     "if True:\n    def f(): return 1", "class A:\n    class B:\n        def f(self): return 1",
     "try:\n    import a\nexcept ImportError:\n    class A:\n        def f(self): return 1", "x[0], *y = z"],
)  # fmt: skip
def test_what_comes_out_parses(source: str) -> None:
    assert ast.parse(hollow({"main.py": source.encode()}, [])["main.py"]).body


def test_source_that_is_nested_too_deeply_is_empty() -> None:
    deep = "class A(" + " + ".join(["Error"] * 3000) + "): pass"
    assert len(hollow({"main.py": deep.encode()}, [])["main.py"]) < 200
