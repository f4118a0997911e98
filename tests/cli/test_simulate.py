"""`simulate` and what can be done with a simulation afterwards, on recorded replies."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from agentverse.cli.story import Story
from agentverse.journal.events import Entry, LineSaid, SceneSet

COINS = """\
name: coins
title: {en: Two coins, zh: 两枚硬币}
description: {en: Each tells which side its coin shows., zh: 每人说出自己的硬币朝上的一面。}
params: {rounds: 1, sides: [heads, tails]}
words: {heads: {en: heads, zh: 正面}, tails: {en: tails, zh: 反面}}
seats:
  ada: {acts: [tell, pass], role: {title: {en: Ada, zh: 阿达}, prompt: {en: You are Ada., zh: 你是阿达。}}}
  ben: {acts: [tell, pass], role: {title: {en: Ben, zh: 老本}, prompt: {en: You are Ben., zh: 你是老本。}}}
world: {coin: {each: true, deal: [heads, tails]}, told: 0}
actions:
  tell:
    about: {en: tell your coin, zh: 说出硬币}
    says: {en: "Mine shows {{ names[coin[me]] }}.", zh: "我的是{{ names[coin[me]] }}。"}
    changes: {told: told + 1}
stages:
  tell: {title: {en: Telling, zh: 说}, steps: rounds, rules: {order: concurrent}, task: {en: Tell., zh: 说吧。}}
measures: {ada_heads: coin.ada == 'heads', ada: coin.ada, told: told}
report: {en: "{{ told }} were told.", zh: "说了 {{ told }} 次。"}
"""
TELL = '{"action": "tell"}'
PASS = '{"action": "pass"}'


@pytest.fixture
def coins(project: Path) -> Path:
    (project / "environments").mkdir()
    (project / "environments" / "coins.yaml").write_text(COINS, encoding="utf-8")
    replies = [{"key": f"scene#1/-/{turn}", "text": TELL if turn % 3 else PASS} for turn in range(1, 9)]
    (project / "coins.json").write_text(json.dumps({"version": 1, "replies": replies}), encoding="utf-8")
    return project


RUN = ("simulate", "coins", "--model", "recording:coins.json")


def lines_of(call, run: str) -> list[tuple[str, str]]:
    entries = [json.loads(line)["event"] for line in call("replay", run, "--json").out.splitlines()]
    return [(event["seat"], event["text"]) for event in entries if event["type"] == "line" and event["seat"]]


def test_without_a_name_the_environments_that_run_by_themselves_are_listed(coins: Path, call) -> None:
    said = call("simulate")
    assert said.code == 0
    assert any(line.startswith("coins") and "Each tells" in line for line in said.out.splitlines())
    assert "--set rounds=1" in said.out
    assert "seminar" not in said.out, "its seats are for a company to fill"
    assert "每人说出" in call("simulate", "--language", "zh").out
    listed = call("simulate", "--json").json()
    assert listed["coins"]["params"]["rounds"] == 1
    assert {"town", "werewolf", "coders", "prisoners"} <= set(listed)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--set", "round=2"), "it takes: rounds, sides"),
        (("--set", "rounds=many"), "'many' is not a value like 1"),
        (("--set", "rounds"), "--set takes NAME=VALUE"),
        (("--seed", "-1"), "seed"),
        (("--repeat", "2", "--name", "x"), "--name names one run"),
    ],
)
def test_odd_options_are_refused_before_anything_is_begun(coins: Path, call, more: tuple[str, ...], says: str) -> None:
    said = call(*RUN, *more)
    assert said.code == 2
    assert says in said.err
    assert not list((coins / "agentverse-runs").glob("*/"))


def test_a_simulation_tells_what_happens_and_how_it_ended(coins: Path, call) -> None:
    said = call(*RUN, "--name", "one", "--seed", "3", "--set", "rounds=2")
    assert said.code == 0
    for text in ("— Telling —", "Ada: Mine shows", "It is over: its last stage ended, after 4 turns.", "3 were told."):
        assert text in said.out
    assert "Software" not in said.out
    page = call("show", "one").out
    assert "It is over: its last stage ended, after 4 turns." in page
    assert "| Ben | 2 | 0 | 1 |" in page
    assert "| told | 3 |" in page
    assert "Evidence" not in page
    assert "software" not in page.lower()
    report = call("show", "one", "--json").json()["scene"]
    assert (report["seed"], report["params"]["rounds"], report["measures"]["told"]) == (3, 2, 3)


def test_a_simulation_is_told_in_chinese(coins: Path, call) -> None:
    said = call(*RUN, "--name", "zh", "--language", "zh")
    assert "阿达: 我的是" in said.out
    assert "结束：最后一个阶段已结束，共 2 轮发言。" in said.out
    page = (coins / "agentverse-runs/zh/report.md").read_text(encoding="utf-8")
    assert "## 谁发了言" in page
    assert "软件" not in page


def test_the_same_seed_gives_the_same_simulation(coins: Path, call) -> None:
    told: dict[str, list[tuple[str, str]]] = {}
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2"), ("d", "3"), ("e", "4")):
        assert call(*RUN, "--seed", seed, "--name", name, "--quiet").code == 0
        told[name] = lines_of(call, name)
    assert told["a"] == told["b"]
    assert any(told[name] != told["a"] for name in "cde")


def test_turns_bounds_the_replies(coins: Path, call) -> None:
    said = call(*RUN, "--set", "rounds=4", "--turns", "3", "--name", "short")
    assert said.code == 0
    assert "It is over: the bound on turns was reached, after 3 turns." in said.out


def test_json_gives_the_entries_and_the_scene_last(coins: Path, call) -> None:
    *entries, result = [json.loads(line) for line in call(*RUN, "--json").out.splitlines()]
    assert {"scene", "line", "scene.ended"} <= {entry["event"]["type"] for entry in entries}
    assert (result["outcome"], result["environment"], result["scene"]["measures"]["told"]) == ("succeeded", "coins", 2)


def test_repeated_simulations_make_a_table_and_a_plot(coins: Path, call) -> None:
    said = call(*RUN, "--repeat", "4", "--seed", "5")
    assert said.code == 0
    rows = [line.split() for line in said.out.splitlines() if "succeeded" in line]
    assert [row[0] for row in rows] == ["5", "6", "7", "8"]
    assert "Means over 4 runs:" in said.out
    picture = coins / "agentverse-runs" / "coins-5-8.svg"
    assert f"Plot: {picture}" in said.out
    drawn = ET.parse(picture).getroot()
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ada_heads", "told", "2"} <= set(texts)
    yes = sum(row[2] == "yes" for row in rows)
    assert f"ada: {rows[0][3]}" in texts
    assert f"{yes / 4:.0%}" in texts


def test_repeated_simulations_as_json_name_runs_and_plot(coins: Path, call) -> None:
    body = call(*RUN, "--repeat", "2", "--json").json()
    assert [row["seed"] for row in body["runs"]] == [0, 1]
    assert body["shares"]["told"] == 2
    assert Path(body["plot"]).is_file()
    assert {row["id"] for row in call("runs", "--json").json()} == {row["run"] for row in body["runs"]}


def test_a_simulation_is_replayed_and_forked(coins: Path, call) -> None:
    assert call(*RUN, "--name", "first", "--quiet").code == 0
    said = call("replay", "first")
    assert said.code == 0
    assert "— Telling —" in said.out
    again = call("fork", "first", "--from", "scene", "--model", "recording:coins.json")
    assert again.code == 0
    assert "2 were told." in again.out


def test_a_simulation_that_fails_says_why_and_promises_no_software(coins: Path, call) -> None:
    broken = [{"key": f"scene#1/-/{turn}", "text": "?"} for turn in range(1, 9)]
    (coins / "coins.json").write_text(json.dumps({"version": 1, "replies": broken}), encoding="utf-8")
    said = call(*RUN, "--name", "bad")
    assert said.code == 1
    assert "Not done: " in said.out
    assert "Software" not in said.out
    assert "| Ada |" in call("show", "bad").out


def test_a_new_environment_runs_by_itself_as_it_is(project: Path, call) -> None:
    assert call("new", "environment", "weekend").code == 0
    assert call("validate", "environments/weekend.yaml").code == 0
    speak, choose = {"action": "speak", "text": "The lake, please."}, {"action": "choose", "where": "lake"}
    replies = [{"key": f"scene#1/-/{turn}", "text": json.dumps(speak if turn < 3 else choose)} for turn in range(1, 6)]
    (project / "weekend.json").write_text(json.dumps({"version": 1, "replies": replies}), encoding="utf-8")
    said = call("simulate", "weekend", "--model", "recording:weekend.json", "--yes", "--name", "out")
    assert said.code == 0, said.out
    for text in ("— They choose —", "Ada: I choose the lake.", "They went to the lake.", "lake: yes"):
        assert text in said.out


def test_a_value_may_come_from_a_file(coins: Path, call) -> None:
    (coins / "rounds.txt").write_text("3", encoding="utf-8")
    said = call(*RUN, "--set", "rounds=@rounds.txt")
    assert "after 6 turns" in said.out
    said = call(*RUN, "--set", "rounds=@missing.txt")
    assert said.code == 2
    assert "missing.txt" in said.err


def test_what_is_done_without_a_word_is_told_too() -> None:
    story = Story("en")
    seats = {"ava": {"role": "student", "name": "Ava", "kind": "ava"}}
    told = [
        story.tell(Entry(run="r", seq=number, key=str(number), at=0.0, event=event))
        for number, event in enumerate(
            [
                SceneSet(phase="scene", visit=1, seats=seats),
                LineSaid(phase="scene", visit=1, seat="ava", turn=1, action="raise_hand"),
                LineSaid(phase="scene", visit=1, seat="ava", turn=2, action="pass"),
            ],
            start=1,
        )
    ]
    assert told[1] is not None
    assert told[1].head.text == "Ava (raise hand)"
    assert told[2] is None
