"""The scheduler: joins, guards, races, loops and their bounds, on real parts."""

from agentverse.journal.events import Decision, Entry, PhaseFinished, PhaseSkipped, PhaseStarted


def started(entries: list[Entry]) -> list[str]:
    return [f"{e.event.phase}#{e.event.visit}" for e in entries if isinstance(e.event, PhaseStarted)]


def skipped(entries: list[Entry]) -> dict[str, str]:
    return {e.event.phase: e.event.reason for e in entries if isinstance(e.event, PhaseSkipped)}


async def test_phases_with_no_path_between_them_are_asked_at_the_same_time(stage) -> None:
    result, entries = await stage.play(
        """
phases:
  a: {ask: cto, prompt: A, produces: {x: text}}
  b: {ask: ceo, prompt: B, produces: {y: text}}
  c: {after: [a, b], ask: cpo, prompt: "{{ x }} and {{ y }}", produces: {z: text}}
""",
        {"a#1/-/1": "one", "b#1/-/1": "two", "c#1/-/1": "three"},
    )
    assert result.outcome == "succeeded"
    order = [e.key for e in entries if isinstance(e.event, PhaseStarted | PhaseFinished)]
    assert set(order[:2]) == {"a#1", "b#1"}
    assert order[-2:] == ["c#1", "c#1/finished"]
    assert "one and two" in stage.prompts["c#1/-/1.1"]


async def test_a_skipped_phase_counts_as_finished_unless_its_artifact_is_read(stage) -> None:
    _, entries = await stage.play(
        """
phases:
  a: {ask: cto, prompt: A, produces: {go: {choice: [yes, no]}}}
  b: {after: a, when: "go == 'yes'", ask: ceo, prompt: B, produces: {y: text}}
  reads: {after: b, ask: ceo, prompt: "{{ y }}", produces: {w: text}}
  ignores: {after: b, ask: ceo, prompt: C, produces: {z: text}}
""",
        {"a#1/-/1": "no", "ignores#1/-/1": "went on"},
    )
    assert started(entries) == ["a#1", "ignores#1"]
    assert skipped(entries)["b"] == "only when go == 'yes'"
    assert "y" in skipped(entries)["reads"]


LOOP = """
success: check.passed
phases:
  code: {ask: programmer, prompt: write main.py, produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  repair:
    after: check
    when: not check.passed
    ask: programmer
    prompt: mend
    produces: {source: edits}
    then: check
    at_most: 2
    or_else: %s
  manual: {after: check, when: check.passed, ask: writer, prompt: manual, produces: {manual: files}}
"""
BROKEN = "```python main.py\nraise SystemExit(%d)\n```"
MANUAL = "```markdown README.md\n# It\n```"


def edit(old: str, new: str) -> str:
    return f"```\nmain.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```"


async def test_a_loop_ends_when_the_evidence_is_good_and_what_follows_runs_once(stage) -> None:
    result, entries = await stage.play(
        LOOP % "continue",
        {
            "code#1/-/1": BROKEN % 3,
            "repair#1/-/1": edit("raise SystemExit(3)", "raise SystemExit(2)"),
            "repair#2/-/1": edit("raise SystemExit(2)", "print('well')"),
            "manual#1/-/1": MANUAL,
        },
    )
    assert result.outcome == "succeeded"
    assert started(entries) == ["code#1", "check#1", "repair#1", "check#2", "repair#2", "check#3", "manual#1"]
    assert (result.product / "main.py").read_text() == "print('well')\n"
    assert (result.product / "README.md").exists()


async def test_a_loop_at_its_bound_goes_on_and_the_run_fails_with_its_best(stage) -> None:
    result, entries = await stage.play(
        LOOP % "continue",
        {
            "code#1/-/1": BROKEN % 3,
            "repair#1/-/1": edit("raise SystemExit(3)", "raise SystemExit(4)"),
            "repair#2/-/1": edit("raise SystemExit(4)", "raise SystemExit(5)"),
        },
    )
    assert result.outcome == "failed"
    assert "check.passed" in result.reason
    assert skipped(entries)["repair"] == "'repair' was tried 2 times"
    assert result.product is not None


async def test_a_loop_at_its_bound_can_fail_the_run(stage) -> None:
    result, _ = await stage.play(
        LOOP % "fail",
        {
            "code#1/-/1": BROKEN % 3,
            "repair#1/-/1": edit("raise SystemExit(3)", "raise SystemExit(4)"),
            "repair#2/-/1": edit("raise SystemExit(4)", "raise SystemExit(5)"),
        },
    )
    assert result.outcome == "failed"
    assert "was tried 2 times" in result.reason


async def test_at_the_bound_another_phase_can_take_over(stage) -> None:
    result, entries = await stage.play(
        LOOP % "plan_b" + "  plan_b: {ask: maintainer, prompt: write main.py anew, produces: {source: files}}\n",
        {
            "code#1/-/1": BROKEN % 3,
            "repair#1/-/1": edit("raise SystemExit(3)", "raise SystemExit(4)"),
            "repair#2/-/1": edit("raise SystemExit(4)", "raise SystemExit(5)"),
            "plan_b#1/-/1": "```python main.py\nprint('other')\n```",
        },
    )
    assert started(entries)[-1] == "plan_b#1"
    assert result.outcome == "failed", "success reads the evidence, and nothing ran after plan_b"


async def test_the_first_of_several_is_a_decision(stage) -> None:
    _, entries = await stage.play(
        """
phases:
  a: {run: "python -c pass", produces: {fast: evidence}}
  b: {ask: ceo, prompt: B, produces: {slow: text}}
  c: {any: [a, b], ask: cpo, prompt: C, produces: {z: text}}
""",
        {"b#1/-/1": "two", "c#1/-/1": "three"},
    )
    decided = [e.event.value for e in entries if isinstance(e.event, Decision) and e.event.what == "first_of"]
    assert decided in (["a"], ["b"])
    assert "c#1" in started(entries)


async def test_items_wait_for_the_files_they_depend_on_and_see_them(stage) -> None:
    design = (
        '{"files": [{"path": "main.py", "purpose": "m", "names": [], "depends_on": ["low.py"]},'
        ' {"path": "low.py", "purpose": "l", "names": [], "depends_on": []},'
        ' {"path": "side.py", "purpose": "s", "names": [], "depends_on": []}], "entry": "main.py", "start": ""}'
    )
    result, _ = await stage.play(
        """
phases:
  design: {ask: cto, prompt: design, produces: {design: design}}
  code:
    after: design
    each: file in design.files
    ask: programmer
    prompt: "write {{ file.path }}"
    produces: {source: files}
""",
        {
            "design#1/-/1": design,
            "code#1/low.py/1": "```python low.py\nLOW = 17\n```",
            "code#1/side.py/1": "```python side.py\nSIDE = 1\n```",
            "code#1/main.py/1": "```python main.py\nimport low\n```",
        },
    )
    assert result.outcome == "succeeded"
    assert sorted(path.name for path in result.product.glob("*.py")) == ["low.py", "main.py", "side.py"]
    assert "LOW = 17" in stage.prompts["code#1/main.py/1.1"]
    assert "SIDE = 1" not in stage.prompts["code#1/main.py/1.1"]
    assert "LOW = 17" not in stage.prompts["code#1/side.py/1.1"]


async def test_a_change_that_makes_things_worse_is_taken_back(stage) -> None:
    tests = "\n".join(f"def test_{n}(): assert main.f({n}) == {n}" for n in range(3))
    result, entries = await stage.play(
        """
success: check.passed
phases:
  code: {ask: programmer, prompt: write main.py, produces: {source: files}}
  tests: {after: code, ask: tester, prompt: write test_main.py, produces: {tests: files}}
  check: {after: tests, run: pytest -q, produces: {check: evidence}}
  repair: {after: check, when: not check.passed, ask: programmer, prompt: mend, produces: {source: edits},
           then: check, at_most: 3}
""",
        {
            "code#1/-/1": "```python main.py\ndef f(n):\n    return 0 if n == 2 else n\n```",
            "tests#1/-/1": f"```python test_main.py\nimport main\n{tests}\n```",
            "repair#1/-/1": edit("    return 0 if n == 2 else n", "    return 7"),
            "repair#2/-/1": edit("    return 0 if n == 2 else n", "    return n"),
        },
    )
    assert result.outcome == "succeeded", result.reason
    assert [e.key for e in entries if e.event.type == "rolled_back"] == ["check#2/-/back"]
    assert "return 7" in stage.prompts["repair#2/-/1.1"], "what was tried is shown"


async def test_what_a_loop_leaves_counts_at_the_end_also_when_nothing_follows_it(stage) -> None:
    result, _ = await stage.play(
        """
success: check.passed
phases:
  code: {ask: programmer, prompt: code, produces: {source: files}}
  beside: {after: code, ask: writer, prompt: manual, produces: {manual: files}, paths: [README.md]}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  repair: {after: check, when: not check.passed, ask: programmer, prompt: mend, produces: {source: edits},
           then: check, at_most: 2}
""",
        {"code#1/-/1": "```python main.py\nprint('well')\n```", "beside#1/-/1": MANUAL},
    )
    assert result.outcome == "succeeded", result.reason
    assert (result.product / "README.md").exists()
