"""Files read out of replies. The first twelve are the ways ChatDev 1.0 loses files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.agents.forms import fenced
from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Unreadable
from agentverse.agents.reading.files import read_files
from agentverse.errors import PathRefused
from agentverse.workspace.paths import safe_path

ANY = Expectation("files")


def read(text: str, expects: Expectation = ANY) -> dict[str, str]:
    return {path: content.decode() for path, content in read_files(text, expects).value.write.items()}


def wants(*paths: str, **more: object) -> Expectation:
    return Expectation("files", paths, **more)  # type: ignore[arg-type]


def problem(text: str, expects: Expectation = ANY) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_files(text, expects)
    return caught.value


# ---------------------------------------------------------------------- the twelve ways


@pytest.mark.parametrize("word", ["EXIT_CODE = 3", "UNICODE = '✓'", "# CODE", 'print("CODE")'])
def test_1_the_word_code_in_a_file_does_not_drop_it(word: str) -> None:
    assert read(f"main.py\n```python\n{word}\n```") == {"main.py": f"{word}\n"}


def test_2_a_test_file_with_a_main_block_does_not_overwrite_main() -> None:
    reply = (
        "main.py\n```python\nX = 1\n```\n\n"
        'test_main.py\n```python\nimport main\nif __name__ == "__main__":\n    print(main.X)\n```\n'
    )
    files = read(reply)
    assert files["main.py"] == "X = 1\n"
    assert files["test_main.py"].startswith("import main")


def test_3_prose_about_a_class_between_name_and_fence_is_no_file_name() -> None:
    reply = "Here is the window.\n\nThis file uses tkinter.Tk:\n```python\nimport tkinter\n```"
    assert read(reply, wants("gui.py")) == {"gui.py": "import tkinter\n"}
    assert problem(reply).code == "no_fence"


def test_4_a_version_number_before_a_fence_is_no_file_name() -> None:
    reply = "Python 3.10 needed\n```python\nx = 1\n```"
    assert read(reply, wants("main.py")) == {"main.py": "x = 1\n"}
    assert problem(reply).code == "no_fence"


@pytest.mark.parametrize(
    "path",
    ["src/utils.py", "unit-converter.py", "GameBoard.py", "a.b.c.py", "Makefile", ".gitignore", "pkg/__init__.py"],
)
@pytest.mark.parametrize(
    "form",
    [
        "```python {path}\n{body}\n```",
        "```{path}\n{body}\n```",
        '```python title="{path}"\n{body}\n```',
        "```python:{path}\n{body}\n```",
        "~~~python {path}\n{body}\n~~~",
        "`````python {path}\n{body}\n`````",
        "{path}\n```python\n{body}\n```",
        "**{path}**\n```python\n{body}\n```",
        "**`{path}`**\n\n```python\n{body}\n```",
        "### File: {path}\n```python\n{body}\n```",
        "### 文件：`{path}`\n```python\n{body}\n```",
        "`{path}`:\n```python\n{body}\n```",
        "1. {path}:\n   ```python\n   {body}\n   ```",
        "```python\n# {path}\n{body}\n```",
    ],
)
def test_5_a_path_is_kept_as_written(path: str, form: str) -> None:
    files = read(form.format(path=path, body="value = 1"))
    assert list(files) == [path]
    assert files[path].endswith("value = 1\n")


def test_6_a_reply_that_begins_with_the_fence_is_read() -> None:
    assert read("```python\nx = 1\n```", wants("main.py")) == {"main.py": "x = 1\n"}


def test_7_a_last_fence_that_is_cut_off_is_noticed_and_kept_for_the_continuation() -> None:
    reply = "```python a.py\nx = 1\n```\n\n```python b.py\ndef f():\n    retu"
    trouble = problem(reply)
    assert trouble.code == "cut_off"
    assert trouble.partial == reply
    assert problem(reply, wants("a.py", "b.py")).code == "cut_off"
    assert read(reply, wants("a.py")) == {"a.py": "x = 1\n"}


@pytest.mark.parametrize("inner", ["```", "```python", "```bash main.py"])
def test_8_a_fence_inside_a_docstring_does_not_end_the_file(inner: str) -> None:
    body = f'"""Use it so:\n\n{inner}\nimport main\n```\n"""\n\nX = 1\n'
    reply = f"```python main.py\n{body}```\n\nRun it with:\n```bash\npython main.py\n```\n"
    assert read(reply) == {"main.py": body}


def test_9_commands_to_type_are_no_file() -> None:
    typed = "Run it with:\n```bash\npython main.py\n```\nor `main.py`:\n```sh\n./main.py\n```"
    reply = f"main.py\n```python\nx = 1\n```\n\n{typed}"
    assert read(reply) == {"main.py": "x = 1\n"}


def test_10_blank_lines_and_tabs_are_kept() -> None:
    body = 'TEXT = """\n\n\n  two\n\n"""\n\n\nif TEXT:\n\tx = 1\n'
    assert read(f"```python main.py\n{body}```") == {"main.py": body}


def test_11_text_files_are_files() -> None:
    reply = "requirements.txt\n```text\nrich\n```\n\nconfig.json\n```json\n{}\n```\n\n`data/words.csv`\n```\na,b\n```"
    assert read(reply) == {"requirements.txt": "rich\n", "config.json": "{}\n", "data/words.csv": "a,b\n"}


def test_12_a_manual_is_taken_out_of_its_wrapper_with_its_own_fences() -> None:
    manual = "# Words\n\nStart:\n```bash\npython main.py\n```\n\nMore:\n\n```\nmain.py x\n```\n\nEnd.\n"
    assert read(f"Here it is.\n\n```markdown README.md\n{manual}```\n", wants("README.md")) == {"README.md": manual}
    assert read(f"````markdown README.md\n{manual}````", wants("README.md")) == {"README.md": manual}
    assert read(manual, wants("README.md")) == {"README.md": manual}


# ---------------------------------------------------------------------- any files, in our own form


_names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
_suffixes = st.sampled_from(["txt", "js", "md", "csv", "html", "json", "Toml", "rs"])


def _may_be_written(path: str) -> bool:
    """Whether a path is not refused for what it is called, as the devices of Windows are."""
    try:
        safe_path(path)
    except PathRefused:
        return False
    return True


_paths = st.builds(
    lambda folders, name, suffix: "/".join([*folders, f"{name}.{suffix}"]),
    st.lists(_names, max_size=2),
    _names,
    _suffixes,
).filter(_may_be_written)
_lines = st.one_of(
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(
        [
            "```",
            "````",
            "~~~",
            "```python main.py",
            "# CODE",
            "",
            "\t",
            "main.py:",
            "</think>",
            "<<<<<<< SEARCH",
            "=======",
            "'''",
        ]
    ),
)
_contents = (
    st.lists(_lines, min_size=1, max_size=8).map(lambda lines: "\n".join(lines).rstrip("\n") + "\n").filter(str.strip)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_paths, _contents, min_size=1, max_size=4), st.booleans())
def test_any_files_in_our_form_are_read_back_byte_for_byte(files: dict[str, str], chatty: bool) -> None:
    files = {path: text for path, text in files.items() if not text.lstrip("\n").upper().startswith("<<<<<<< SEARCH")}
    blocks = [fenced(path, text) for path, text in files.items()]
    reply = ("\n\nAnd the next file:\n\n" if chatty else "\n\n").join(blocks)
    if files:
        assert read(reply, wants(*files)) == files


def test_python_in_our_form_is_read_back_byte_for_byte() -> None:
    body = '"""Doc.\n\n````\n```python other.py\nx\n```\n````\n"""\n\nTEXT = "``` EXIT_CODE ✓ 中文"\n'
    assert read(fenced("a/b.py", body)) == {"a/b.py": body}


def test_an_empty_file_is_a_file() -> None:
    assert read("```python pkg/__init__.py\n```\n\n```python pkg/a.py\nx = 1\n```") == {
        "pkg/__init__.py": "",
        "pkg/a.py": "x = 1\n",
    }


def test_windows_line_ends_become_line_feeds_and_one_of_them_ends_the_file() -> None:
    assert read("```python a.py\r\nx = 1\r\n\r\n\r\n```\r\n") == {"a.py": "x = 1\n"}


# ---------------------------------------------------------------------- tolerance


def test_a_wrong_folder_is_put_right_when_one_file_is_expected() -> None:
    found = read_files("```python app/units.py\nx = 1\n```", wants("src/units.py"))
    assert list(found.value.write) == ["src/units.py"]
    assert found.mended == ["app/units.py is src/units.py"]


def test_another_file_than_the_one_asked_for_is_left_out_and_said() -> None:
    found = read_files("```python a.py\nx = 1\n```\n```python b.py\ny = 2\n```", wants("a.py"))
    assert list(found.value.write) == ["a.py"]
    assert "b.py" in found.mended[0]


def test_the_block_with_the_path_is_taken_among_several() -> None:
    reply = "Such as:\n```python\nprint()\n```\nThe file:\n```python main.py\nx = 1\n```"
    assert read(reply, wants("main.py")) == {"main.py": "x = 1\n"}


def test_a_program_without_any_fence_is_taken_but_prose_is_not() -> None:
    assert read("import sys\n\nprint(sys.argv)\n", wants("main.py")) == {"main.py": "import sys\n\nprint(sys.argv)\n"}
    assert problem("Done", wants("main.py")).code == "no_fence"
    assert problem("I have written the file as asked.", wants("main.py")).code == "no_fence"


def test_output_shown_for_a_file_does_not_replace_it() -> None:
    reply = "```python main.py\nprint(32.0)\n```\nOutput of `main.py`:\n```\n32.0\n```\nAs `old.py` said:\n```\n31\n```"
    assert read(reply, wants("main.py")) == {"main.py": "print(32.0)\n"}


def test_the_last_whole_one_of_two_versions_is_taken() -> None:
    whole = "```python a.py\nx = 1\n```\n"
    assert read(whole + "Better:\n```python a.py\nx = 2\n```") == {"a.py": "x = 2\n"}
    assert read(whole + "Changed:\n```python a.py\n# ... rest of the code unchanged\n```") == {"a.py": "x = 1\n"}
    assert read_files(whole + whole, ANY).mended == []


def test_a_fence_that_was_never_closed_ends_where_the_next_file_begins() -> None:
    assert read("```python a.py\nx = 1\n```python b.py\ny = 2\n```") == {"a.py": "x = 1\n", "b.py": "y = 2\n"}


@pytest.mark.parametrize("wrapper", ["```markdown", "````", "```"])
def test_files_inside_a_wrapper_around_the_whole_reply_are_found(wrapper: str) -> None:
    end = wrapper.rstrip("markdown")
    assert read(f"{wrapper}\n```python a.py\nx = 1\n```\n{end}") == {"a.py": "x = 1\n"}


# ---------------------------------------------------------------------- problems


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("抱歉，我无法完成这个请求。", "refusal"),
        ("It should work now.", "no_fence"),
        ("```python ../x.py\nx = 1\n```", "path"),
        ("```python .git/config.py\nx = 1\n```", "path"),
        ("```python a.py\ndef f(:\n    pass\n```", "syntax"),
        ("```python a.py\nx = 1\n# ... rest of the code unchanged\n```", "elided"),
        ("```python a.py\nx = 1\n# （其余代码保持不变）\n```", "elided"),
        ("```js a.js\nfunction f() {\n  // TODO implement\n}\n```", "elided"),
        ("```python a.py\ndef f():\n    ...existing code...\n```", "elided"),
    ],
)
def test_a_reply_that_cannot_be_used_says_why(reply: str, code: str) -> None:
    trouble = problem(reply)
    assert trouble.code == code
    assert trouble.detail("en")
    assert trouble.detail("zh")


@pytest.mark.parametrize(
    "line",
    [
        "# TODO items are kept in order",
        'HELP = "... existing users ..."',
        "x = ...",
        "# the same as in a list",
        "    ...",
    ],
)
def test_what_only_looks_like_an_omission_is_kept(line: str) -> None:
    body = f"if True:\n    x = 1\n{line}\n" if line.startswith(" ") else f"x = 1\n{line}\n"
    assert read(f"```python a.py\n{body}```") == {"a.py": body}


def test_a_look_alike_of_an_omission_inside_a_string_is_kept() -> None:
    body = 'TEXT = """\n# ... rest of the code unchanged\n"""\n'
    assert read(f"```python a.py\n{body}```") == {"a.py": body}


def test_missing_files_are_named() -> None:
    trouble = problem("```python a.py\nx = 1\n```", wants("a.py", "b.py", "c.py"))
    assert trouble.code == "missing"
    assert "b.py, c.py" in trouble.detail()


def test_a_file_of_somebody_else_is_refused_with_the_reason() -> None:
    trouble = problem(
        "```python test_a.py\nx = 1\n```", Expectation("files", owned={"test_a.py": "it is the tester's"})
    )
    assert trouble.code == "path"
    assert "it is the tester's" in trouble.detail()


def test_a_syntax_error_names_line_and_text() -> None:
    detail = problem("```python a.py\nx = 1\nprint(x\n```").detail()
    assert "a.py" in detail
    assert "line 2" in detail
    assert "print(x" in detail


@pytest.mark.parametrize(
    ("tag", "path"),
    [
        ("go", "main.go"), ("golang", "main.go"), ("rust", "src/lib.rs"), ("rs", "src/lib.rs"), ("js", "add.test.js"),
        ("node", "main.js"), ("ts", "add.ts"), ("c", "add.h"), ("h", "add.h"), ("cpp", "add.cpp"), ("c++", "add.hpp"),
        ("cc", "add.cc"), ("hpp", "add.hpp"), ("java", "Main.java"), ("html", "index.html"), ("css", "style.css"),
        ("toml", "Cargo.toml"), ("", "go.mod"), ("json", "package.json"), ("cmake", "CMakeLists.txt"),
    ],
)  # fmt: skip
def test_files_of_other_languages_are_read_in_every_form(tag: str, path: str) -> None:
    for form in (f"```{tag} {path}\nx\n```", f"{path}\n```{tag}\nx\n```", f"```{tag}\n// {path}\nx\n```"):
        assert list(read(form)) == [path]
    assert read(f"```{tag}\nx\n```", wants(path)) == {path: "x\n"}
