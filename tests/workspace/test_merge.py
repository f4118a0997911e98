from hypothesis import given
from hypothesis import strategies as st

from agentverse.workspace.merge import independent, merge_bases, three_way
from agentverse.workspace.protocol import Changes

PATHS = st.sampled_from([b"a", b"b", b"d/e", b"d/f", b"g"])
SIDES = st.dictionaries(PATHS, st.sampled_from(["1", "2", "3"]), max_size=5)


def commit(repo, base, at, write=(), delete=()):
    changes = Changes(write={path: text.encode() for path, text in dict(write).items()}, delete=frozenset(delete))
    return repo.commit(base, changes, author="A", message="m", at=at)


@given(base=SIDES, first=SIDES, second=SIDES)
def test_three_way_takes_what_one_side_changed_and_reports_the_rest(base, first, second):
    files, conflicts = three_way(base, first, second)
    for path in base.keys() | first.keys() | second.keys():
        was, one, two, got = base.get(path), first.get(path), second.get(path), files.get(path)
        if one == two:
            assert got == one
        elif one == was:
            assert got == two
        elif two == was:
            assert got == one
        else:
            assert path in conflicts
            assert got == (two or one)
    assert conflicts <= base.keys() | first.keys() | second.keys()


@given(base=SIDES, side=SIDES)
def test_merging_with_an_unchanged_side_or_with_itself_changes_nothing(base, side):
    assert three_way(base, side, base) == (side, frozenset())
    assert three_way(base, base, side) == (side, frozenset())
    assert three_way(base, side, side) == (side, frozenset())


@given(base=SIDES, first=SIDES, second=SIDES)
def test_both_orders_see_the_same_conflicts(base, first, second):
    assert three_way(base, first, second).conflicts == three_way(base, second, first).conflicts


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=10), st.data())
def test_history_is_read_as_its_definition_says(graph, data):
    """Against the plain definitions, over random graphs in which a commit's parents come before it."""
    parents = {str(n): [str(p % n) for p in chosen] if n else [] for n, chosen in enumerate(graph)}

    def closure(name):
        return {name}.union(*(closure(parent) for parent in parents[name]))

    picked = data.draw(st.lists(st.sampled_from(sorted(parents)), min_size=1, max_size=4))
    tips = independent(picked, parents.__getitem__)
    assert set(tips) == {p for p in picked if not any(p in closure(q) for q in picked if q != p)}
    assert len(tips) == len(set(tips))
    one, two = picked[0], picked[-1]
    common = closure(one) & closure(two)
    assert set(merge_bases([one], two, parents.__getitem__)) == {
        c for c in common if not any(c in closure(d) for d in common if d != c)
    }


def test_equal_and_contained_commits_need_no_new_one(repo):
    start = repo.start(at=1, files={"a": b"1"})
    later = commit(repo, start, 2, {"a": "2"})
    for commits in ([start, start], [start], [later, start], [start, later], [start, later, start]):
        merged = repo.merge(commits, message="m", at=9)
        assert merged.commit == (later if later in commits else start)
        assert merged.conflicts == ()


def test_many_sides_are_joined_in_one_commit_that_git_understands(repo, git):
    start = repo.start(at=1, files={"shared": b"0", "old": b"0"})
    sides = [commit(repo, start, 2 + n, {f"f{n}": str(n), f"d/{n}/x": "x"}) for n in range(4)]
    sides.append(commit(repo, start, 9, {"shared": "1"}, ["old"]))
    merged = repo.merge(sides, message="Join", at=10)
    assert merged.conflicts == ()
    assert git(repo.path, "log", "-1", "--format=%P", merged.commit).split() == sides
    assert git(repo.path, "fsck", "--strict", "--no-dangling") == ""
    assert repo.read(merged.commit, "shared") == b"1"
    assert set(repo.tree(merged.commit)) == {"shared", *(f"f{n}" for n in range(4)), *(f"d/{n}/x" for n in range(4))}


def test_the_later_parent_wins_and_a_change_wins_over_a_deletion(repo):
    start = repo.start(at=1, files={"both": b"0", "kept": b"0", "gone": b"0"})
    one = commit(repo, start, 2, {"both": "1", "kept": "1"}, ["gone"])
    two = commit(repo, start, 3, {"both": "2", "gone": "2"}, ["kept"])
    merged = repo.merge([one, two], message="m", at=4)
    assert merged.conflicts == ("both", "gone", "kept")
    assert repo.files(merged.commit) == {"both": b"2", "gone": b"2", "kept": b"1"}
    assert repo.files(repo.merge([two, one], message="m", at=4).commit) == {"both": b"1", "gone": b"2", "kept": b"1"}


def test_names_that_cannot_lie_side_by_side_are_a_conflict(repo):
    start = repo.start(at=1)
    one = commit(repo, start, 2, {"lib": "a file", "Readme.md": "1", "x/y": "1"})
    two = commit(repo, start, 3, {"lib/a.py": "in a folder", "README.md": "2", "x/z": "2"})
    merged = repo.merge([one, two], message="m", at=4)
    assert merged.conflicts == ("Readme.md", "lib")
    assert set(repo.tree(merged.commit)) == {"lib/a.py", "README.md", "x/y", "x/z"}


def test_what_was_joined_before_is_no_conflict_again(repo):
    start = repo.start(at=1, files={"a": b"0"})
    one = commit(repo, start, 2, {"a": "1"})
    two = commit(repo, start, 3, {"b": "1"})
    joined = repo.merge([one, two], message="m", at=4).commit
    after = commit(repo, two, 5, {"b": "2"})
    merged = repo.merge([joined, after], message="m", at=6)
    assert merged.conflicts == ()
    assert repo.files(merged.commit) == {"a": b"1", "b": b"2"}


def test_a_criss_cross_history_has_a_joined_base(repo):
    start = repo.start(at=1, files={"a": b"0", "b": b"0"})
    one, two = commit(repo, start, 2, {"a": "1"}), commit(repo, start, 3, {"b": "1"})
    left = commit(repo, repo.merge([one, two], message="left", at=4).commit, 5, {"c": "left"})
    right = commit(repo, repo.merge([two, one], message="right", at=6).commit, 7, {"a": "2"})
    merged = repo.merge([left, right], message="m", at=8)
    assert merged.conflicts == ()
    assert repo.files(merged.commit) == {"a": b"2", "b": b"1", "c": b"left"}
