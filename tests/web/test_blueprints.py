"""Companies, roles, environments and languages over HTTP: read, checked, drawn, walked, written."""

from __future__ import annotations

from pathlib import Path

from agentverse.blueprint.sources import shipped_folder
from tests.web.conftest import COMPANY, Office


async def test_what_is_shipped_is_hidden_knowingly_and_never_written(bare: Office, project: Path) -> None:
    browser = await bare.browser()
    listed = (await browser.fine("/api/blueprints"))["blueprints"]
    assert {one["kind"] for one in listed} == {"company", "role", "environment", "language"}
    known = {(one["kind"], one["name"]): one for one in listed}
    assert known["company", "tiny"]["origin"] == "project"
    assert known["company", "solo"]["origin"] == "shipped"
    shipped = await browser.fine("/api/blueprints/company/solo")
    file = shipped_folder() / "companies" / "solo.yaml"
    before = file.read_text()
    path, text = "/api/blueprints/company/solo", shipped["text"] + "# mine\n"
    unasked = await browser.ask("PUT", path, {"text": text})
    assert (unasked.status, unasked.code) == (409, "conflict")
    hidden = await browser.ask("PUT", path, {"text": text, "hide": True})
    assert hidden.status == 200, hidden.body
    assert hidden.json["origin"] == "project"
    assert (project / "companies" / "solo.yaml").read_text() == text
    assert file.read_text() == before
    assert (await browser.ask("DELETE", f"{path}?hash={hidden.json['hash']}")).status == 200
    assert (await browser.fine(path))["origin"] == "shipped"


async def test_a_file_that_was_changed_meanwhile_is_not_overwritten(bare: Office, project: Path) -> None:
    browser = await bare.browser()
    path = "/api/blueprints/company/tiny"
    read = await browser.fine(path)
    assert read["text"] == COMPANY
    saved = await browser.ask("PUT", path, {"text": COMPANY + "# one\n", "replaces": read["hash"]})
    assert saved.status == 200
    for replaces in (read["hash"], None):
        late = await browser.ask("PUT", path, {"text": "name: other\n", "replaces": replaces})
        assert (late.status, late.code) == (409, "conflict")
    assert (await browser.ask("DELETE", f"{path}?hash={read['hash']}")).status == 409
    assert (project / "companies" / "tiny.yaml").read_text() == COMPANY + "# one\n"
    (project / "companies" / "linked.yaml").symlink_to("/etc/hostname")
    link = await browser.ask("PUT", "/api/blueprints/company/linked", {"text": "x", "replaces": None})
    assert (link.status, link.code) == (409, "conflict")


async def test_a_user_keeps_files_of_their_own(bare: Office, tmp_path: Path) -> None:
    browser = await bare.browser()
    starter = await browser.fine("/api/blueprints/role/helper/starter")
    assert (await browser.get("/api/blueprints/role/helper")).status == 404
    body = {"text": starter["text"], "where": "user"}
    written = await browser.ask("PUT", "/api/blueprints/role/helper", body)
    assert (written.status, written.json["origin"]) == (200, "user")
    assert (tmp_path / "config" / "roles" / "helper.yaml").read_text() == starter["text"]
    checked = await browser.post("/api/validate", {"kind": "role", "name": "helper"})
    assert checked.json == {"ok": True, "problems": []}


async def test_a_text_is_checked_with_places_and_drawn_as_far_as_it_goes(bare: Office) -> None:
    browser = await bare.browser()
    broken = COMPANY.replace("ask: cto", "ask: cto2").replace("after: code", "after: kode")
    checked = await browser.post("/api/validate", {"name": "tiny", "text": broken})
    assert checked.json["ok"] is False
    places = {(one["line"], one["where"]) for one in checked.json["problems"]}
    assert any(line == broken.splitlines().index("    ask: cto2") + 1 for line, _ in places)
    new = await browser.post("/api/validate", {"name": "unborn", "text": "phases: ["})
    assert new.json["problems"][0]["file"].endswith("companies/unborn.yaml")
    missing = await browser.post("/api/validate", {"name": "unborn"})
    assert missing.json["ok"] is False
    graph = (await browser.post("/api/graph", {"name": "tiny"})).json
    assert [(node["name"], node["kind"], node["work"], node["level"]) for node in graph["nodes"]] == [
        ("design", "ask", "cto", 0), ("code", "ask", "programmer", 1), ("check", "run", "python check.py", 2),
    ]  # fmt: skip
    lines = COMPANY.splitlines()
    assert [lines[node["line"] - 1].strip() for node in graph["nodes"]] == ["design:", "code:", "check:"]
    assert [(edge["source"], edge["target"], edge["kind"]) for edge in graph["edges"]] == [
        ("design", "code", "after"), ("code", "check", "after"),
    ]  # fmt: skip
    unreadable = (await browser.post("/api/graph", {"name": "tiny", "text": "phases: 3"})).json
    assert unreadable["nodes"] == []
    assert unreadable["problems"]
    loops = (await browser.post("/api/graph", {"name": "chatdev"})).json
    assert {edge["kind"] for edge in loops["edges"]} >= {"after", "then"}
    schema = await browser.fine("/api/schemas/company")
    assert "phases" in schema["json_schema"]["properties"]


async def test_a_dry_run_says_what_each_turn_would_be_asked(bare: Office) -> None:
    browser = await bare.browser()
    walked = (await browser.post("/api/dry-run", {"name": "tiny", "idea": "一个计算器", "language": "zh"})).json
    assert [phase["name"] for phase in walked["phases"]] == ["design", "code", "check"]
    (turn,) = walked["phases"][0]["turns"]
    assert (turn["role"], turn["expects"]) == ("cto", "design")
    assert "一个计算器" in turn["prompt"][-1]["text"]
    assert walked["turns"] == 2
    broken = await browser.post("/api/dry-run", {"name": "tiny", "text": COMPANY.replace("ask: cto", "ask: nobody")})
    assert (broken.status, broken.code) == (422, "BlueprintError")
    assert broken.json["error"]["problems"]
