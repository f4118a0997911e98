"""Simulations over HTTP: listed, begun with parameters and a seed, and refused when they make no sense."""

from __future__ import annotations

from pathlib import Path

from tests.web.conftest import Browser, Model, Office

PRISONERS = {
    "scene#1/-/1": "Where were you?",
    "scene#1/-/2": "At home.",
    "scene#1/-/3": "And you?",
    "scene#1/-/4": "At work.",
    "scene#1/-/5": '{"action": "stay_silent"}',
    "scene#1/-/6": '{"action": "testify"}',
}


async def test_environments_whose_seats_are_taken_are_listed_with_what_can_be_set(
    browser: Browser, project: Path
) -> None:
    (project / "environments").mkdir()
    (project / "environments" / "broken.yaml").write_text("name: broken\nseats: 3\n", encoding="utf-8")
    listed = {one["name"]: one for one in (await browser.fine("/api/simulations"))["simulations"]}
    assert listed["prisoners"]["title"] == {"en": "The prisoner's dilemma", "zh": "囚徒困境"}
    rounds = listed["prisoners"]["params"][0]
    assert (rounds["name"], rounds["kind"], rounds["value"], rounds["whole"]) == ("rounds", "number", "2", True)
    assert (rounds["title"]["zh"], rounds["least"], rounds["most"]) == ("每人提问数", 1, 10)
    topic = next(one for one in listed["classroom"]["params"] if one["name"] == "topic")
    assert topic["kind"] == "text"
    assert set(topic["value"]) == {"en", "zh"}
    assert listed["town"]["persons"] == 1
    assert "review" not in listed, "nobody sits there without a company"
    assert "broken" not in listed


async def test_a_simulation_is_a_run_with_the_parameters_and_the_seed_it_was_given(
    browser: Browser, model: Model
) -> None:
    model.replies |= PRISONERS
    asked = {"environment": "prisoners", "seed": 7, "params": {"rounds": "1", "sucker": "12"}, "name": "cell"}
    begun = await browser.post("/api/simulations", asked)
    assert begun.status == 201, begun.body
    assert begun.json["id"] == "cell"
    entries = await browser.over("cell")
    scene = next(entry["event"] for entry in entries if entry["event"]["type"] == "scene")
    assert (scene["seed"], scene["params"]["rounds"], scene["params"]["sucker"]) == (7, 1, 12)
    ended = next(entry["event"] for entry in entries if entry["event"]["type"] == "scene.ended")
    assert ended["measures"]["avery_years"] == 12
    detail = await browser.fine("/api/runs/cell")
    assert (detail["state"], detail["company"]) == ("succeeded", "prisoners")


async def test_the_bound_on_turns_is_that_of_the_conversation(browser: Browser, model: Model) -> None:
    model.replies |= PRISONERS
    asked = {"environment": "prisoners", "limits": {"turns": 2}, "language": "zh", "name": "short"}
    await browser.post("/api/simulations", asked)
    entries = await browser.over("short")
    ended = next(entry["event"] for entry in entries if entry["event"]["type"] == "scene.ended")
    assert (ended["reason"], ended["turns"]) == ("turns", 2)
    assert entries[-1]["event"]["outcome"] == "succeeded"
    assert "莫斯警探" in model.prompts["scene#1/-/1"]


async def test_what_makes_no_sense_is_refused_before_anything_begins(browser: Browser, bare: Office) -> None:
    for asked, status, code in (
        ({"environment": "prisoners", "params": {"round": "1"}}, 400, "UsageError"),
        ({"environment": "prisoners", "params": {"rounds": "many"}}, 400, "UsageError"),
        ({"environment": "prisoners", "seed": -1}, 422, "invalid"),
        ({"environment": "../prisoners"}, 422, "invalid"),
        ({"environment": "nowhere"}, 422, "BlueprintError"),
        ({"environment": "review"}, 422, "BlueprintError"),
        ({"environment": "prisoners", "sed": 1}, 422, "invalid"),
    ):
        answer = await browser.post("/api/simulations", asked)
        assert (answer.status, answer.code) == (status, code), (asked, answer.body)
    assert (await browser.fine("/api/runs"))["total"] == 0
    nobody = await (await bare.browser()).post("/api/simulations", {"environment": "prisoners"})
    assert (nobody.status, nobody.code) == (400, "NoModel")
