"""Things known by name, built in and of other packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agentverse.errors import SettingsError, UsageError
from agentverse.plugins import Registry

POINTS = """\
[tests.shapes]
round.circle = outside_shapes:circle
round.number = outside_shapes:NUMBER
round.broken = outside_shapes:nothing
square.box = outside_shapes:circle
"""


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[object]:
    """A registry, and an installed package that adds to it."""
    info = tmp_path / "outside_shapes-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-shapes\nVersion: 1\n")
    (info / "entry_points.txt").write_text(POINTS)
    (tmp_path / "outside_shapes.py").write_text("def circle(): ...\nNUMBER = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "outside_shapes", raising=False)
    return Registry("shape", "tests.shapes", prefix="round.", refusal=SettingsError)


def test_names_are_listed_without_importing_anything(shapes: Registry[object]) -> None:
    shapes.add("oval")(print)
    assert shapes.names() == ["broken", "circle", "number", "oval"]
    assert "outside_shapes" not in sys.modules
    assert shapes.find("oval") is print
    assert getattr(shapes.find("circle"), "__name__", "") == "circle"


def test_what_is_built_in_goes_before_what_a_package_calls_the_same(shapes: Registry[object]) -> None:
    shapes.add("circle")(print)
    assert shapes.find("circle") is print
    with pytest.raises(ValueError, match="'circle' is registered already"):
        shapes.add("circle")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("number", "the shape 'number' that another package adds is none: outside_shapes:NUMBER"),
        ("broken", "the shape 'broken' of another package cannot be loaded: AttributeError"),
    ],
)
def test_what_a_package_adds_wrongly_is_said(shapes: Registry[object], name: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        shapes.find(name)


def test_a_name_that_nobody_has_is_answered_with_the_nearest(shapes: Registry[object]) -> None:
    with pytest.raises(UsageError, match="there is no shape 'circel'") as refused:
        shapes.find("circel")
    assert refused.value.fix == "Did you mean 'circle'? There are: broken, circle, number."
