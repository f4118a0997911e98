import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.blueprint.document import MOST_BYTES, dotted, read_file, read_text


def problem_of(text: str) -> tuple[int, int, str]:
    document = read_text(text, "a.yaml")
    assert len(document.problems) == 1, document.problems
    only = document.problems[0]
    return only.line, only.column, only.what


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "Yes", "NO", "1:30", "2024-01-01", ".inf", "1_000"])
def test_words_other_yaml_readers_change_stay_text(word: str) -> None:
    assert read_text(f"a: {word}\n", "a.yaml").data == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("007", 7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("'true'", "true"),
        ('"12"', "12"),
        ("!!str 12", "12"),
        ("0x1f", 31),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    data = read_text(f"a: {text}\n", "a.yaml").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_keys_are_text() -> None:
    assert read_text("on: 1\ntrue: 2\n3: 4\n", "a.yaml").data == {"on": 1, "true": 2, "3": 4}


def test_every_key_and_value_has_a_place() -> None:
    document = read_text("a: 你好 x\nb:\n  c: [1, two]\n  d: {e: 'f'}\n", "a.yaml")
    at = {
        dotted(path): (place.line, place.column, place.key_line, place.key_column)
        for path, place in document.places.items()
    }
    assert at["a"] == (1, 4, 1, 1)
    assert at["b"] == (2, 1, 2, 1)
    assert at["b.c"] == (3, 3, 3, 3)
    assert at["b.c[1]"] == (3, 10, 3, 10)
    assert at["b.d.e"] == (4, 10, 4, 7)


def test_places_inside_a_text_are_exact_where_they_can_be() -> None:
    document = read_text("a: |\n\n  one\n   two three\nb: 'x three'\nc: >\n  x\n  three\nd: x\n  three\n", "a.yaml")
    data, place = document.data, document.places
    assert place[("a",)].inside(data["a"], 3, "three") == (4, 8)
    assert place[("b",)].inside(data["b"], 1, "three") == (5, 7)
    assert place[("c",)].inside(data["c"], 1, "three") == (6, 4)
    assert place[("d",)].inside(data["d"], 1, "three") == (9, 4)


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is given twice; the first is on line 1."),
        ("a: b: c\n", 1, 5, "a ':' is not expected here; check the indentation, or quote the text."),
        ("a:\n\t- x\n", 2, 1, "a tab cannot indent YAML; use spaces."),
        ("a: 1\nb: 'x\n", 2, 4, "a quoted text is not closed."),
        ("a: [1, 2\nb: 3\n", 1, 4, "the list in [ ] is not closed, or a ',' is missing."),
        ("a: {b: 1\n", 1, 4, "the mapping in { } is not closed, or a ',' is missing."),
        ("a: {{ b }}\n", 1, 5, "a key must be a word."),
        ("a: %b\n", 1, 4, "a text that begins with this character needs quotes."),
        ("a: *b\n", 1, 4, "the alias '*b' is not defined above."),
        ("a: &b [*b]\n", 1, 8, "the alias '*b' refers to itself."),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here; a file holds one."),
        ("", 1, 1, "the file is empty; a mapping of keys to values was expected."),
        ("# only a comment\n", 1, 1, "the file is empty; a mapping of keys to values was expected."),
        ("a: !!python/object:os.system x\n", 1, 4,
         "the tag 'tag:yaml.org,2002:python/object:os.system' is not read; write the plain value."),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, 3, "'<<' merges are not read; write the keys out."),
        ("a: [b?, c]\n", 1, 6, "a text with a '?' needs quotes inside [ ]."),
        ("?\n: b\n", 1, 2, "a key is missing here."),
        ("a: [\n", 2, 1, "the file ends here, but a [ ] or { } is not closed."),
        ("a: b\x07c\n", 1, 5, "the character U+0007 may not be in YAML."),
        ("a: " + "[" * 60 + "]" * 60, 1, 44, "this is nested deeper than 40 levels."),
    ],
)  # fmt: skip
def test_faults_say_where_and_what(text: str, line: int, column: int, what: str) -> None:
    assert problem_of(text) == (line, column, what)


def test_aliases_cannot_explode() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    assert "more than 50,000 values" in problem_of(text)[2]
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 2000))
    assert "nested deeper" in problem_of(chain)[2]


def test_aliases_are_read_where_they_are_harmless() -> None:
    document = read_text("a: &x {b: one}\nc: *x\n", "a.yaml")
    assert document.data == {"a": {"b": "one"}, "c": {"b": "one"}}
    assert document.place(("c", "b")).line == 1


def test_files_that_are_no_text_or_too_large(tmp_path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    only = read_file(path, "a.yaml").problems[0]
    assert (only.line, only.column, only.what) == (2, 4, "the file is not UTF-8 text.")
    path.write_bytes(b"a: " + b"x" * MOST_BYTES)
    assert "larger than" in read_file(path, "a.yaml").problems[0].what
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_file(path, "a.yaml").data == {"a": 1}


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_data_or_a_problem(text: str) -> None:
    document = read_text(text, "a.yaml")
    assert document.data is None or not document.problems or "given twice" in document.problems[0].what
    for problem in document.problems:
        assert problem.line >= 1
        assert problem.column >= 1
