"""How the page is built, how heavy it is, and that its own tests pass."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from benchmarks.page_bench import weight
from scripts import page_types
from scripts.hatch_page import NODE, Page, PageHook, node_programs
from tests.web.page.conftest import CHECKOUT, MODULES, SOURCES


def node(*words: str) -> str:
    program, _ = node_programs()
    done = subprocess.run([program, *words], cwd=SOURCES.source, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_the_page_computes_is_right(built: Path) -> None:
    assert "passed" in node(str(MODULES / "vitest" / "vitest.mjs"), "run", "--no-color")


def test_the_source_of_the_page_is_clean(built: Path) -> None:
    node(str(MODULES / "oxlint" / "bin" / "oxlint"), "--deny-warnings", "src", "tests")


def test_the_types_of_the_page_are_the_servers() -> None:
    assert page_types.TARGET.read_text(encoding="utf-8") == page_types.text(), "python scripts/page_types.py"


def test_the_first_screen_is_light_and_the_page_brings_its_licences(built: Path) -> None:
    assert weight() <= 200_000
    assert "react" in (built / "licenses.md").read_text(encoding="utf-8")
    editor = [path for path in (built / "assets").glob("*.js") if b"cm-editor" in path.read_bytes()]
    assert editor, "the editor is a part of its own"
    assert not [path for path in editor if path.name in (built / "index.html").read_text()]


def test_a_page_that_is_there_is_not_built_again(built: Path) -> None:
    assert not SOURCES.wanted()
    assert hook(CHECKOUT).dependencies() == []
    assert build_data(CHECKOUT)["artifacts"] == ["agentverse/web/static/**"]


def test_a_page_whose_sources_changed_is_built_unless_it_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENTVERSE_SKIP_UI", raising=False)
    for name in ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "index.html"):
        (tmp_path / "webui").mkdir(exist_ok=True)
        (tmp_path / "webui" / name).write_text("{}")
    for folder in ("src", "public"):
        (tmp_path / "webui" / folder).mkdir()
    page = Page(tmp_path)
    assert page.wanted()
    assert hook(tmp_path).dependencies() == [NODE]
    with pytest.raises(SystemExit, match="AGENTVERSE_SKIP_UI=1 installs agentverse without it"):
        page.build()
    monkeypatch.setenv("AGENTVERSE_SKIP_UI", "1")
    assert not page.wanted()
    assert hook(tmp_path).dependencies() == []
    assert build_data(tmp_path)["artifacts"] == []


def hook(root: Path) -> PageHook:
    return PageHook(str(root), {}, None, ProjectMetadata(str(root), PluginManager()), "", "wheel")


def build_data(root: Path) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {"artifacts": []}
    hook(root).initialize("standard", data)
    return data
