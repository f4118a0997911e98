"""Runs over HTTP: begun, followed, looked into, taken away."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

from tests.web.conftest import Browser, Model, Office


async def test_a_run_from_one_line_to_its_product(browser: Browser, model: Model, project: Path) -> None:
    begun = await browser.post("/api/runs", {"idea": "add two numbers", "name": "sum"})
    assert begun.status == 201, begun.body
    assert (begun.json["id"], begun.json["state"], begun.json["here"]) == ("sum", "running", True)
    entries = await browser.over("sum")
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["event"]["outcome"] == "succeeded"

    listed = await browser.fine("/api/runs")
    (brief,) = listed["runs"]
    assert listed["total"] == 1
    assert (brief["state"], brief["turns"], brief["phase"], brief["waiting"]) == ("succeeded", 2, "", [])
    assert brief["usage"]["prompt"] > 0
    assert brief["cost"] == 0, "what answers on this machine costs nothing"
    assert brief["evidence"]["passed"] is True
    detail = await browser.fine("/api/runs/sum")
    assert [phase["name"] for phase in detail["phases"]] == ["design", "code", "check"]
    assert {role["name"] for role in detail["roles"]} == {"cto", "programmer"}
    assert detail["full_evidence"]["command"] == ["python", "check.py"]
    assert detail["limits"] == {"tokens": 50000, "turns": 20, "minutes": 5.0}

    tree = await browser.fine("/api/runs/sum/files")
    assert [(file["path"], file["author"]) for file in tree["files"]] == [
        ("check.py", "Programmer"),
        ("main.py", "Programmer"),
    ]
    shown = await browser.fine("/api/runs/sum/file?path=main.py")
    assert shown["text"].startswith("def add")
    raw = await browser.get("/api/runs/sum/file?path=main.py&raw=true")
    assert raw.headers["Content-Type"] == "application/octet-stream"
    assert raw.headers["Content-Disposition"].startswith("attachment")
    for query in ("phase=code", "author=Programmer", f"commit={tree['commit']}", f"to={tree['commit']}"):
        (part,) = (await browser.fine(f"/api/runs/sum/diff?{query}"))["parts"]
        assert "+def add(a, b):" in part["patch"]
    assert (await browser.fine("/api/runs/sum/diff?phase=design"))["parts"] == []
    commits = await browser.fine("/api/runs/sum/commits")
    assert [commit["phase"] for commit in commits["commits"]] == ["code"]

    archive = zipfile.ZipFile(io.BytesIO((await browser.get("/api/runs/sum/download/product.zip")).body))
    assert archive.namelist() == ["sum/check.py", "sum/main.py"]
    lines = (await browser.get("/api/runs/sum/download/journal.jsonl")).body.splitlines()
    assert [json.loads(line) for line in lines] == entries
    recording = (await browser.get("/api/runs/sum/download/recording.json")).json
    assert [reply["key"] for reply in recording["replies"]] == ["design#1/-/1", "code#1/-/1"]
    report = await browser.get("/api/runs/sum/download/report.md?language=zh")
    assert "测试" in report.body.decode() or "运行" in report.body.decode()
    assert (await browser.fine("/api/runs/sum/report"))["outcome"] == "succeeded"
    assert len((await browser.fine("/api/runs/sum/models"))["turns"]) == 2


async def test_the_prompt_of_a_turn_is_what_was_sent_with_the_shared_part_marked(
    browser: Browser, model: Model
) -> None:
    await browser.post("/api/runs", {"idea": "add two numbers", "name": "sum"})
    await browser.over("sum")
    first = await browser.fine(f"/api/runs/sum/prompt?key={quote('design#1/-/1.1')}")
    assert first["shared_segments"] == 0
    second = await browser.fine(f"/api/runs/sum/prompt?key={quote('code#1/-/1.1')}")
    said = {role: "" for role in ("system", "user")}
    for segment in second["segments"]:
        said[segment["role"]] += segment["text"]
    assert "\n".join(said.values()) == model.prompts["code#1/-/1"]
    assert [segment["shared"] for segment in second["segments"]].index(False) == second["shared_segments"] > 0
    assert second["base"] == "design#1/-/1.1"
    missing = await browser.get("/api/runs/sum/prompt?key=nobody")
    assert (missing.status, missing.code) == (404, "not_found")


async def test_the_journal_is_had_in_pages(browser: Browser) -> None:
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    entries = await browser.over("sum")
    found: list[object] = []
    after: int | None = 0
    while after is not None:
        page = await browser.fine(f"/api/runs/sum/entries?after={after}&limit=3")
        found += page["entries"]
        after = page["next"]
    assert found == entries


async def test_a_fork_with_another_prompt_asks_it_and_the_two_can_be_compared(browser: Browser, model: Model) -> None:
    await browser.post("/api/runs", {"idea": "add", "name": "one"})
    await browser.over("one")
    same = await browser.fine("/api/compare?a=one&b=one")
    assert same["parting"] is None
    assert same["better"] == "same"
    model.replies["code#1/-/1"] = str(model.replies["code#1/-/1"]).replace("a + b", "a - b")
    forked = await browser.post("/api/runs/one/fork", {"phase": "code", "prompt": "Write them in 古文.", "name": "two"})
    assert forked.status == 201, forked.body
    assert forked.json["parent"] == "one"
    await browser.over("two")
    assert "古文" in model.prompts["code#1/-/1"]
    assert model.asked.count("design#1/-/1.1") == 1
    compared = await browser.fine("/api/compare?a=one&b=two")
    assert compared["parting"]["key"] == "code#1/-/1.1"
    assert compared["parting"]["what"] == "prompt"
    assert compared["better"] == "a"
    assert compared["shared"] == 1
    assert "-    return a + b\n+    return a - b\n" in compared["patch"]
    unknown = await browser.post("/api/runs/one/fork", {"phase": "nothing", "prompt": "x"})
    assert (unknown.status, unknown.code) == (400, "UsageError")


async def test_runs_are_listed_in_pages_by_state_and_removed(browser: Browser, project: Path) -> None:
    for name in ("one", "two"):
        await browser.post("/api/runs", {"idea": "add", "name": name})
        await browser.over(name)
    latest = await browser.fine("/api/runs?limit=1")
    assert [run["id"] for run in latest["runs"]] == ["two"]
    assert [run["id"] for run in (await browser.fine("/api/runs?before=two"))["runs"]] == ["one"]
    assert (await browser.fine("/api/runs?state=failed"))["runs"] == []
    assert len((await browser.fine("/api/runs?state=succeeded"))["runs"]) == 2
    assert (project / "agentverse-runs" / "one").is_dir()
    assert (await browser.ask("DELETE", "/api/runs/one")).status == 200
    assert not (project / "agentverse-runs" / "one").exists()
    gone = await browser.get("/api/runs/one")
    assert (gone.status, gone.code) == (404, "RunNotFound")


async def test_a_run_that_cannot_begin_says_why_and_leaves_nothing(browser: Browser) -> None:
    empty = await browser.post("/api/runs", {"idea": "  "})
    assert (empty.status, empty.code) == (400, "UsageError")
    nobody = await browser.post("/api/runs", {"idea": "add", "company": "nobody"})
    assert (nobody.status, nobody.code) == (422, "BlueprintError")
    assert nobody.json["error"]["problems"][0]["what"].startswith("there is no company 'nobody'")
    silent = await browser.post("/api/runs", {"idea": "add", "models": {"edge": "http://127.0.0.1:1/v1#m"}})
    assert (silent.status, silent.code) == (502, "ModelUnavailable")
    assert silent.json["error"]["message"]
    spec = await browser.post("/api/runs", {"idea": "add", "models": {"edge": "langchain:os.system"}})
    assert (spec.status, spec.code) == (422, "invalid")
    extra = await browser.post("/api/runs", {"idea": "add", "sandbox": "none"})
    assert (extra.status, extra.code) == (422, "invalid")
    assert (await browser.fine("/api/runs"))["total"] == 0


async def test_without_a_model_nothing_begins_and_a_demo_does(bare: Office) -> None:
    browser = await bare.browser()
    status = await browser.fine("/api/status")
    assert status["models"][0]["answers"] is False
    assert status["models"][0]["fix"]
    refused = await browser.post("/api/runs", {"idea": "add"})
    assert (refused.status, refused.code) == (400, "NoModel")
    assert refused.json["error"]["fix"]
    names = [demo["name"] for demo in (await browser.fine("/api/demos"))["demos"]]
    begun = await browser.post("/api/runs", {"demo": names[0], "name": "shown"})
    assert begun.status == 201
    assert begun.json["demo"] is True
    await browser.post("/api/runs/shown/cancel")
    await browser.over("shown")


async def test_an_existing_code_base_is_copied(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "kept.txt").write_text("kept")
    begun = await browser.post("/api/runs", {"idea": "add", "name": "more", "source": str(tmp_path / "old")})
    assert begun.status == 201, begun.body
    await browser.over("more")
    paths = [file["path"] for file in (await browser.fine("/api/runs/more/files"))["files"]]
    assert "kept.txt" in paths
    for source in ("relative", str(tmp_path / "nothing"), "/etc/passwd"):
        answer = await browser.post("/api/runs", {"idea": "add", "source": source})
        assert (answer.status, answer.code) == (400, "UsageError")
