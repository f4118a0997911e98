"""Language files: what is found wrong with them, and which of several counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.blueprint.load import Layer, Library
from agentverse.blueprint.sources import shipped_folder
from agentverse.engine.check import validate
from agentverse.errors import BlueprintError

GOOD = "title: Zig\nsuffixes: [.zig]\ntest: zig test\nresults: junit\n"


def test_a_language_of_the_projects_own_comes_before_the_shipped_one(project) -> None:
    library = project(languages__go=GOOD)
    both = Library([*library.layers, Layer("shipped", shipped_folder())])
    assert both.load_language("go").title == "Zig"
    assert both.load_language("rust").title == "Rust"


def test_files_that_are_no_languages_are_left_out_of_the_list_and_explained_by_name(project) -> None:
    library = project(languages__zig=GOOD, languages__en="hello: world\n", languages__bad="[")
    assert list(library.languages()) == ["zig"]
    with pytest.raises(BlueprintError, match=r"languages/en\.yaml:1:1: hello: unknown key 'hello'"):
        library.load_language("en")
    with pytest.raises(BlueprintError, match=r"there is no language 'zag'.*did you mean 'zig'"):
        library.load_language("zag")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("tets: ['*_test.zig']", "5:1: tets: unknown key 'tets'. did you mean 'tests'?"),
        ("declares: '('", "5:11: declares: this is no regular expression: missing ), unterminated subpattern"),
        ("start: [zig, '']", "5:1: start: the command, or a word of it, is empty."),
        ('start: "zig \'run"', "5:8: start: this cannot be split into words: No closing quotation."),
        ("files: {../x: a}", "5:9: files.../x: a path leads down from the product's folder."),
        ("files: {/etc/x: a}", "5:9: files./etc/x: a path leads down from the product's folder."),
        ("folders: {/usr/bin: [a]}", "5:11: folders./usr/bin: folders are shown below /opt or /etc."),
        ("folders: {/opt/..: [a]}", "5:11: folders./opt/..: folders are shown below /opt or /etc."),
        ("limits: {memory: 0}", "5:18: limits.memory: expected more than 0; got the number 0."),
        ("writing: {design: {fr: x}}", "expected 'en' or 'zh'; got the text 'fr'."),
        ("folders: {/opt/zig: [~/.ssh]}", "5:1: folders: only languages in your config folder may show folders"),
    ],
)
def test_each_mistake_has_its_place_and_its_sentence(project, line: str, problem: str) -> None:
    library = project(languages__zig=f"{GOOD}{line}\n")
    [found] = validate("languages/zig.yaml", library)
    assert problem in str(found)
    with pytest.raises(BlueprintError):
        library.load_language("zig")


def test_the_users_own_language_may_show_a_toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path))
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "zig.yaml").write_text(f"{GOOD}folders: {{/opt/zig: [~/.zig/*]}}\n")
    assert Library.default(tmp_path / "elsewhere").load_language("zig").folders == {"/opt/zig": ["~/.zig/*"]}
