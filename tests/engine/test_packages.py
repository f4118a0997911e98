"""A product that needs packages gets them before it is run; who allowed them, and which versions, are steps."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agentverse.engine.run import begin, fork, resume
from agentverse.journal.events import Decision, GateAnswered, GateOpened
from agentverse.sandbox.packages.policy import PackagePolicy

COMPANY = """
success: check.passed
phases:
  plan: {ask: ceo, prompt: plan, produces: {requirements: requirements}}
  code: {after: plan, ask: programmer, prompt: write, produces: {source: files}}
  check: {after: code, run: pytest -q, produces: {check: evidence}}
  note: {after: check, ask: writer, prompt: write, produces: {note: text}}
"""
MANNERS = {"manners.py": "def polite(text):\n    return text.capitalize()\n"}
MAIN = "from manners import polite\n\n\ndef greet(name):\n    return polite(f'hello {name}')\n"
TEST = "from main import greet\n\n\ndef test_greet():\n    assert greet('you') == 'Hello you'\n"


def said(requirements: str = "", *dependencies: str) -> dict[str, str]:
    files = {"main.py": MAIN, "test_main.py": TEST} | ({"requirements.txt": requirements} if requirements else {})
    wanted = {
        "title": "Greeter", "summary": "Greets.", "dependencies": dependencies,
        "items": [{"id": "R1", "text": "Greets politely."}],
    }  # fmt: skip
    return {
        "plan#1/-/1": json.dumps(wanted),
        "code#1/-/1": "".join(f"```text {path}\n{text}\n```\n" for path, text in files.items()),
        "note#1/-/1": "done",
    }


@pytest.fixture
def play(stage, package_index, tmp_path, monkeypatch):
    """Play the company with these replies and settings; give its result and entries."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    package_index.add("manners", MANNERS)

    async def run(replies: dict[str, str], *, interactive: bool = False, **settings: object):
        stage.replies = replies
        policy = PackagePolicy(index=package_index.url, **settings)
        host = await stage.host(packages=policy, interactive=interactive)
        handle = await begin(host, stage.company(COMPANY), "a greeter", run="made")
        if interactive:
            async for entry in handle:
                if isinstance(entry.event, GateOpened):
                    await handle.answer(entry.key, choice="yes")
                    break
        return host, await handle.result(), list(await stage.journal.read("made"))

    return run


def of(entries, kind: type) -> list:
    return [(entry.key, entry.event) for entry in entries if isinstance(entry.event, kind)]


async def test_what_was_agreed_is_there_when_the_tests_run(play):
    _, result, entries = await play(said("", "Manners"), extra=["manners"])
    assert result.outcome == "succeeded", result.reason
    assert "`manners==1.0`" in result.report.read_text()
    ((key, decision),) = of(entries, Decision)
    assert key.startswith("packages/")
    assert (decision.what, decision.value) == ("packages", {"wanted": ["manners"], "versions": ["manners==1.0"]})


async def test_a_person_is_asked_once_and_a_resumed_run_keeps_the_answer_and_the_versions(stage, play, package_index):
    host, result, entries = await play(said("manners>=1\n"), interactive=True)
    assert result.outcome == "succeeded", result.reason
    ((key, asked),) = of(entries, GateOpened)
    assert (key, asked.default) == ("packages/manners/gate", "no")
    assert "needs the package manners>=1, which is not a common one" in asked.question

    package_index.add("manners", {"manners.py": "def polite(text):\n    return 'no'\n"}, version="2.0")
    silent = replace(host, interactive=False)
    forked = await (await fork(silent, "made", phase="check", new_run="forked")).result()
    assert forked.outcome == "succeeded", forked.reason
    answers = of(await stage.journal.read("forked"), GateAnswered)
    assert [(key, answer.by) for key, answer in answers] == [("packages/manners/answer", "person")]
    assert (await (await resume(silent, "made")).result()).outcome == "succeeded"
    assert len(of(await stage.journal.read("made"), GateOpened)) == 1


async def test_without_a_person_an_unknown_package_is_not_used_and_the_agents_are_told(play, package_index):
    _, result, entries = await play(said("# needed\nmanners\n"))
    assert result.outcome == "failed"
    assert [answer.by for _, answer in of(entries, GateAnswered)] == ["default"]
    assert result.evidence is not None
    assert (result.evidence.ended, result.evidence.passed) == ("not_run", False)
    assert "package 'manners' in requirements.txt:2 is not to be used: it is not a common one" in result.evidence.reason
    assert 'packages.extra = ["manners"]' in result.evidence.reason
    assert package_index.asked == []


@pytest.mark.parametrize(
    ("requirements", "settings", "why"),
    [
        ("-r /etc/passwd\n", {}, "requirements.txt:1: '-r /etc/passwd' is an option"),
        ("manners\n", {"others": "refuse"}, "the settings [packages] do not allow it"),
        ("flask\n", {"allow": "none"}, "the settings [packages] do not allow it"),
        ("maners\n", {"allow": "any"}, "there is no package 'maners' on the index"),
    ],
)
async def test_what_a_product_may_not_have_is_evidence_about_it(play, requirements, settings, why):
    _, result, _ = await play(said(requirements), **settings)
    assert result.outcome == "failed"
    assert result.evidence is not None
    assert why in result.evidence.reason


async def test_beside_a_list_of_its_own_what_was_only_agreed_is_taken_where_nobody_has_to_be_asked(play):
    _, result, entries = await play(said("manners\n", "unheard-of"), extra=["manners"])
    assert result.outcome == "succeeded", result.reason
    assert of(entries, GateOpened) == []


async def test_what_this_machine_lacks_stops_the_run_which_can_go_on_later(stage, play, monkeypatch):
    with monkeypatch.context() as lacking:
        lacking.setitem(__import__("sys").modules, "uv", None)
        lacking.setenv("PATH", "/usr/bin:/bin")
        host, result, entries = await play(said("manners\n"), allow="any")
    assert (result.outcome, "pip install uv" in result.reason) == ("stopped", True), result.reason
    assert "check#1/-/run" not in [entry.key for entry in entries]
    assert (await (await resume(host, "made")).result()).outcome == "succeeded"
    assert len(stage.asked) == len(set(stage.asked)), "nobody is asked twice"


async def test_an_import_that_nothing_names_is_explained(play):
    _, result, _ = await play(said())
    assert result.evidence is not None
    assert "main.py:1: imports manners, which is no file of the product and in no package" in result.evidence.reason
