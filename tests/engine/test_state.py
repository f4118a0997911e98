"""Joins follow from the graph: the later artifact and the later change of a file count."""

from agentverse.engine.state import State, Tried, join


def never(commits):
    raise AssertionError(f"nothing to merge in {commits}")


def test_joining_one_state_returns_it() -> None:
    state = State(commit="a")
    assert join([state], never) is state


def test_equal_commits_are_not_merged() -> None:
    left = State(commit="a").with_made("x", "text", "1", (1, 0, 0))
    right = State(commit="a").with_made("y", "text", "2", (1, 1, 0))
    joined = join([left, right], never)
    assert joined.commit == "a"
    assert joined.values() == {"x": "1", "y": "2"}


def test_the_later_artifact_counts_whatever_the_order() -> None:
    old = State(commit="a").with_made("x", "text", "old", (1, 0, 0))
    new = old.with_made("x", "text", "new", (2, 0, 0))
    assert join([old, new], never).values() == join([new, old], never).values() == {"x": "new"}


def test_different_commits_are_merged_in_order() -> None:
    seen: list[list[str]] = []

    def merge(commits):
        seen.append(list(commits))
        return "m"

    joined = join([State(commit="a"), State(commit="b"), State(commit="a")], merge)
    assert joined.commit == "m"
    assert seen == [["a", "b"]]


def test_a_file_keeps_its_first_artifact_and_takes_the_latest_stamp() -> None:
    written = State(commit="a").with_files("b", artifact="source", written=["m.py"], deleted=[], stamp=(1, 0, 0))
    edited = written.with_files("c", artifact="fixes", written=["m.py"], deleted=[], stamp=(4, 2, 0))
    assert edited.files["m.py"].artifact == "source"
    assert edited.files["m.py"].stamp == (4, 2, 0)
    assert edited.clock == 4
    assert [path for path, _ in edited.files_oldest_first()] == ["m.py"]


def test_deleted_files_are_forgotten() -> None:
    state = State(commit="a").with_files("b", artifact="s", written=["x", "y"], deleted=[], stamp=(1, 0, 0))
    assert list(state.with_files("c", artifact="s", written=[], deleted=["x"], stamp=(2, 0, 0)).files) == ["y"]


def test_tried_changes_are_united_once() -> None:
    attempt = Tried("c", "patch")
    left, right = State(commit="a", tried=(attempt,)), State(commit="a", tried=(attempt,))
    assert join([left, right], never).tried == (attempt,)
