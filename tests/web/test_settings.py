"""Settings and models over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.testing import tiny
from tests.web.conftest import Browser, Model, Office


async def test_settings_are_written_where_they_are_asked_for_and_keep_their_comments(
    bare: Office, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await bare.browser()
    file = project / "agentverse.toml"
    file.write_text('# mine\ncompany = "solo"  # the quick one\n\n[serve]\nports = []\n', encoding="utf-8")
    values = {"language": "zh", "limits.tokens": 90000, "limits.minutes": 2.5}
    written = await browser.ask("PUT", "/api/settings", {"values": values})
    assert written.status == 200, written.body
    rows = {row["path"]: row for row in written.json["settings"]}
    assert (rows["language"]["value"], rows["limits.tokens"]["value"]) == ("zh", "90000")
    assert rows["limits.tokens"]["origin"].startswith(str(file))
    assert rows["limits.tokens"]["writable"]
    assert not rows["sandbox.minimum"]["writable"]
    text = file.read_text(encoding="utf-8")
    assert text.startswith('# mine\ncompany = "solo"  # the quick one\n')
    assert (await browser.fine("/api/status"))["language"] == "zh"
    removed = await browser.ask("PUT", "/api/settings", {"values": {"limits.tokens": None, "limits.turns": None}})
    assert "tokens" not in file.read_text(encoding="utf-8")
    assert removed.json["shadowed"] == []
    monkeypatch.setenv("AGENTVERSE_COMPANY", "software")
    shadowed = await browser.ask("PUT", "/api/settings", {"where": "user", "values": {"company": "chatdev"}})
    assert shadowed.json["shadowed"] == ["company"]
    assert (tmp_path / "config" / "agentverse.toml").read_text() == 'company = "chatdev"\n'


async def test_what_is_no_setting_is_not_written(bare: Office, project: Path) -> None:
    browser = await bare.browser()
    before = (project / "agentverse.toml").read_text()
    for values in (
        {"language": "fr"},
        {"limits.tokens": -1},
        {"limits.tokens": "many"},
        {"sandbox.minimum": "none"},
        {"models.edge.base_url": "http://127.0.0.1:1"},
    ):
        answer = await browser.ask("PUT", "/api/settings", {"values": values})
        assert answer.status in (400, 422), values
        assert answer.code in ("SettingsError", "invalid")
    assert (project / "agentverse.toml").read_text() == before
    (project / "agentverse.toml").write_text("company = [", encoding="utf-8")
    broken = await browser.ask("PUT", "/api/settings", {"values": {"company": "solo"}})
    assert (broken.status, broken.code) == (400, "SettingsError")
    assert (project / "agentverse.toml").read_text() == "company = ["


async def test_which_model_answers_and_what_it_does(browser: Browser, model: Model) -> None:
    (state,) = (await browser.fine("/api/status"))["models"]
    assert (state["tier"], state["model"], state["answers"], state["origin"]) == ("edge", "scripted", True, "--model")
    assert state["place"] == model.url
    (tier,) = (await browser.fine("/api/models"))["report"]["tiers"]
    assert (tier["answers"], tier["model"]) == (True, "scripted")
    (server,) = (await browser.fine("/api/models/metrics"))["servers"]
    assert (server["url"], server["in_flight"], server["waiting"]) == (model.url, 0, 0)
    catalogue = (await browser.fine("/api/models/catalogue"))["report"]["catalogue"]
    assert any(entry["name"] == "MiniCPM5-2B" for entry in catalogue)


async def test_requests_in_flight_are_counted_while_a_run_waits_for_its_model(browser: Browser, model: Model) -> None:
    model.hold("design#1/-/1")
    await browser.post("/api/runs", {"idea": "add", "name": "busy"})
    await model.reached["design#1/-/1"].wait()
    (server,) = (await browser.fine("/api/models/metrics"))["servers"]
    assert server["in_flight"] == 1
    await browser.post("/api/runs/busy/cancel")
    await browser.over("busy")


async def test_a_model_that_is_gone_is_told_with_what_to_do(bare: Office, project: Path) -> None:
    browser = await bare.browser()
    (project / "agentverse.toml").write_text('[models]\nedge = "http://127.0.0.1:1/v1#m"\n', encoding="utf-8")
    (state,) = (await browser.fine("/api/status"))["models"]
    assert state["answers"] is False
    assert state["problem"]
    assert state["fix"]


async def test_a_model_that_is_not_here_is_not_downloaded_unasked(bare: Office) -> None:
    browser = await bare.browser()
    answer = await browser.post("/api/models/serve", {"name": "MiniCPM5-2B", "engine": "llamacpp"})
    assert (answer.status, answer.code) == (400, "UsageError")
    assert "downloaded" in answer.json["error"]["message"]
    unknown = await browser.post("/api/models/serve", {"name": "Nobody-1B"})
    assert unknown.status == 400
    assert (await browser.post("/api/models/serve", {"name": "../../x.gguf"})).status == 422
    assert (await browser.fine("/api/models/served"))["state"] == "none"
    assert (await browser.post("/api/models/stop")).json["state"] == "none"


async def test_a_model_file_is_served_taken_by_runs_and_stopped(bare: Office, tmp_path: Path) -> None:
    browser = await bare.browser()
    file = tiny.noise(tmp_path / "noise.gguf")
    for wrong in ("noise.gguf", "/etc/passwd", str(tmp_path / "none.gguf"), "/x\0.gguf"):
        answer = await browser.post("/api/models/serve", {"file": wrong})
        assert (answer.status, answer.code) == (400, "UsageError"), wrong
    started = await browser.post("/api/models/serve", {"file": str(file), "context": 2048})
    assert started.status == 202, started.body
    assert started.json["state"] == "starting"
    again = await browser.post("/api/models/serve", {"file": str(file)})
    assert (again.status, again.code) == (409, "running")
    while (served := await browser.fine("/api/models/served"))["state"] == "starting":
        pass  # each look is a request of its own
    assert (served["state"], served["context"]) == ("ready", 2048), served
    (state,) = (await browser.fine("/api/status"))["models"]
    assert (state["origin"], state["answers"], state["place"]) == ("started on this machine", True, served["url"])
    stopped = await browser.post("/api/models/stop")
    assert (stopped.status, stopped.json["state"]) == (202, "none")
    assert (await browser.fine("/api/status"))["models"][0]["answers"] is False


async def test_why_a_model_cannot_be_served_is_told(bare: Office, tmp_path: Path) -> None:
    browser = await bare.browser()
    file = tiny.noise(tmp_path / "noise.gguf")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    answer = await browser.post("/api/models/serve", {"file": str(file), "context": 512})
    served = answer.json
    while answer.status == 202 and served["state"] == "starting":
        served = await browser.fine("/api/models/served")
    assert answer.status == 400 or served["state"] == "failed"
    told = answer.json["error"] if answer.status == 400 else {"message": served["problem"], "fix": served["fix"]}
    assert told["message"]
    assert told["fix"]
