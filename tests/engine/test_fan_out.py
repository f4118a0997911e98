"""Names of items follow from the items; dependencies that would close a circle are dropped."""

from agentverse.blueprint.artifacts import DesignFile
from agentverse.engine.fan_out import _needs, item_names


def file(path: str, *needs: str) -> DesignFile:
    return DesignFile(path=path, purpose="", depends_on=list(needs))


def test_items_are_named_by_path_id_word_or_number() -> None:
    assert item_names([file("src/a.py"), {"id": "R1"}, "word", "two words", 7]) == ["src/a.py", "R1", "word", "4", "7"]


def test_equal_names_are_told_apart() -> None:
    assert item_names(["a", "a"]) == ["a", "a~2"]


def test_unknown_and_circular_dependencies_are_dropped() -> None:
    items = [file("a", "b", "nowhere"), file("b", "c"), file("c", "a")]
    assert _needs(items, item_names(items)) == {"a": ["b"], "b": ["c"], "c": []}
