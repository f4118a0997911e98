from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from agentverse import Company, Entry, run, run_sync
from agentverse.blueprint.company import Limits
from agentverse.errors import BlueprintError, NoModel
from agentverse.models.recording import Recorded, Recording, RecordingModel
from agentverse.settings import Settings, load_settings

COMPANY = """\
name: small
title: {en: Small company, zh: 小公司}
success: check.passed
phases:
  code: {ask: programmer, prompt: Write it., produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
"""
REPLY = "```python main.py\nprint('hello')\n```\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "companies").mkdir()
    (tmp_path / "companies" / "small.yaml").write_text(COMPANY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def settings(project: Path) -> Settings:
    env = {"AGENTVERSE_CONFIG_HOME": str(project / "none")}
    return load_settings(project, env=env).with_folder(project / "runs")


def model(text: str = REPLY) -> RecordingModel:
    return RecordingModel(Recording(replies=[Recorded(key="code#1/-/1", text=text)]))


async def test_run_is_iterated_and_awaited(project: Path, settings: Settings) -> None:
    company = Company.load("small", project=project)
    handle = await run("say hello", company, model=model(), settings=settings, name="one")
    types = [entry.event.type async for entry in handle]
    assert types[0] == "run.started"
    assert types[-1] == "run.ended"
    result = await handle.result()
    assert (result.outcome, result.run, result.turns) == ("succeeded", "one", 1)
    assert result.product == project / "runs" / "one" / "workspace"
    assert result.evidence is not None
    assert result.evidence.passed
    assert (await handle.result()) == result


async def test_limits_language_and_models_by_tier(project: Path, settings: Settings) -> None:
    handle = await run(
        "say hello",
        project / "companies" / "small.yaml",
        model={"edge": model("no file here"), "cloud": model()},
        settings=settings,
        limits=Limits(turns=50),
        language="zh",
    )
    result = await handle.result()
    assert result.outcome == "succeeded"
    report = json.loads((result.folder / "report.json").read_text(encoding="utf-8"))
    assert report["language"] == "zh"
    assert [tier["tier"] for tier in report["tiers"] if tier["turns"]] == ["edge", "cloud"]


def test_run_sync_hands_over_entries(project: Path, settings: Settings) -> None:
    seen: list[Entry] = []
    result = run_sync(
        "say hello",
        Company.load("small", project=project),
        on_entry=seen.append,
        model=model(),
        settings=settings,
    )
    assert result.outcome == "succeeded"
    assert [entry.seq for entry in seen] == list(range(1, len(seen) + 1))


def test_run_sync_stops_the_run_when_the_caller_fails(project: Path, settings: Settings) -> None:
    def refuse(entry: Entry) -> None:
        raise RuntimeError("enough")

    company = Company.load("small", project=project)
    with pytest.raises(RuntimeError, match="enough"):
        run_sync("x", company, on_entry=refuse, model=model(), settings=settings, name="cut")
    assert (project / "runs" / "cut" / "report.json").is_file()


async def test_what_cannot_begin_raises_and_leaves_nothing_open(project: Path, settings: Settings) -> None:
    with pytest.raises(NoModel):
        await run("x", Company.load("small", project=project), settings=settings)
    with pytest.raises(BlueprintError):
        await run("x", "no_such_company", model=model(), settings=settings)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_company_says_what_it_is(project: Path) -> None:
    company = Company.load("small", project=project)
    assert (company.name, company.title("zh"), repr(company)) == ("small", "小公司", "Company('small')")
    assert {"small", "software"} <= set(Company.names(project=project))
