"""Names of items follow from the items; dependencies that would close a circle are dropped."""

from agentverse.blueprint.artifacts import DesignFile
from agentverse.engine.fan_out import _depths, _needs, _on_longest_chain, item_names


def file(path: str, *needs: str) -> DesignFile:
    return DesignFile(path=path, purpose="", depends_on=list(needs))


def test_items_are_named_by_path_id_word_or_number() -> None:
    assert item_names([file("src/a.py"), {"id": "R1"}, "word", "two words", 7]) == ["src/a.py", "R1", "word", "4", "7"]


def test_equal_names_are_told_apart() -> None:
    assert item_names(["a", "a"]) == ["a", "a~2"]


def test_unknown_and_circular_dependencies_are_dropped() -> None:
    items = [file("a", "b", "nowhere"), file("b", "c"), file("c", "a")]
    assert _needs(items, item_names(items)) == {"a": ["b"], "b": ["c"], "c": []}


def test_only_items_that_the_last_ones_wait_for_are_on_the_longest_chain() -> None:
    items = [file("main", "store", "help"), file("store", "model"), file("model"), file("help"), file("alone")]
    names = item_names(items)
    needs = _needs(items, names)
    depths = _depths(names, needs)
    assert depths == {"main": 2, "store": 1, "model": 0, "help": 0, "alone": 0}
    assert _on_longest_chain(needs, depths) == {"main", "store", "model"}


def test_items_that_wait_for_nothing_are_all_equally_long() -> None:
    names = item_names([file("a"), file("b")])
    needs = _needs([file("a"), file("b")], names)
    assert _on_longest_chain(needs, _depths(names, needs)) == {"a", "b"}
