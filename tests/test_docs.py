"""What the documents say holds: commands exist, examples are valid, files are where they are said to be."""

import ast
import re
from importlib import import_module
from pathlib import Path
from runpy import run_path

import pytest

from agentverse.blueprint.load import Library
from agentverse.cli.main import cli
from agentverse.engine.check import validate
from agentverse.engine.simulate import stage
from agentverse.settings import load_settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^\$? ?|bin/)agentverse ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    spoken = {"runs", "speaks"}  # sentences that begin a line
    assert named - spoken <= set(cli.list_commands(None))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_company_in_the_readme_can_be_run(tmp_path: Path) -> None:
    (company,) = blocks(ROOT / "README.md", "yaml")
    file = tmp_path / "tiny.yaml"
    file.write_text(company, encoding="utf-8")
    assert validate(str(file), Library.default(tmp_path)) == []


def test_the_environment_in_the_page_can_be_played(tmp_path: Path) -> None:
    (environment,) = blocks(ROOT / "docs/environments.md", "yaml")
    file = tmp_path / "market.yaml"
    file.write_text(environment, encoding="utf-8")
    assert stage(Library.default(tmp_path), str(file)).company.name == "market"


def test_the_table_of_rules_is_what_the_rules_say() -> None:
    made = run_path(str(ROOT / "scripts/rules_table.py"))
    page = (ROOT / "docs/environments.md").read_text(encoding="utf-8")
    shown = page.partition(made["BEGINS"])[2].partition(made["ENDS"])[0]
    assert shown == made["table"](), "python scripts/rules_table.py writes it anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_are_shown_can_be_read(page: Path, tmp_path: Path) -> None:
    for number, text in enumerate(blocks(page, "toml")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "agentverse.toml").write_text(text, encoding="utf-8")
        load_settings(folder, env={"AGENTVERSE_CONFIG_HOME": str(tmp_path)})


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_programs_in_the_pages_are_python_that_names_what_exists(page: Path) -> None:
    for program in blocks(page, "python"):
        for node in ast.walk(ast.parse(program)):
            if isinstance(node, ast.ImportFrom):
                module = import_module(str(node.module))
                assert [name.name for name in node.names if not hasattr(module, name.name)] == []


def test_every_benchmark_has_its_figure_and_every_figure_its_benchmark() -> None:
    named = set(re.findall(r"`(\w+_bench)\.py`", (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")))
    assert named == {path.stem for path in (ROOT / "benchmarks").glob("*_bench.py")} - {"turn_bench"}


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= targets, (
            page.name
        )
