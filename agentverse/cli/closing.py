"""The last lines of a run: where the software is, what shows that it works, how to go on."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from typing import Any

from agentverse.cli.story import Line, Style
from agentverse.cli.text import clean, one_line, thousands
from agentverse.cli.words import word
from agentverse.engine.protocol import RunResult
from agentverse.journal.events import SceneEnded
from agentverse.report.scene import over, shown
from agentverse.report.text import duration


def closing(result: RunResult, language: str, *, again: str = "", commands: int | None = None) -> list[Line]:
    """The lines.

    Args:
        again: options to repeat when the run is taken up again.
        commands: for a recorded run: how many commands were really run.
    """

    def say(name: str, **values: object) -> str:
        return word(name, language, **values)

    if result.scene is not None and result.outcome == "succeeded":
        return scene(result, result.scene, language)
    tested = result.evidence is not None and result.evidence.passed
    styles: dict[str, Style] = {"succeeded": "good", "failed": "bad"}
    headline = "succeeded_untested" if result.outcome == "succeeded" and not tested else result.outcome
    reason = one_line(result.reason) or say("unknown_reason")
    lines = [Line(say(headline, reason=reason), styles.get(result.outcome, "warn"))]
    facts: list[tuple[str, str]] = []
    if result.product is not None:
        facts.append(("software" if result.outcome == "succeeded" else "best", str(result.product)))
    elif not result.environment:
        facts.append(("software", say("nothing")))
    if result.product is not None and result.start:
        facts.append(("start", f"cd {shlex.quote(str(result.product))} && {one_line(result.start)}"))
    if result.evidence is not None:
        facts.append(("evidence", _evidence(result, language)))
    facts.append(("spent", _spent(result, language)))
    if sum(bool(tier.turns) for tier in result.tiers) > 1:
        facts.append(("tiers", _tiers(result, language)))
    if result.report is not None:
        facts.append(("report", str(result.report)))
    if result.outcome == "stopped":
        facts.append(("go_on", f"agentverse resume {result.run}{again}"))
    elif result.limit:
        facts.append(("go_on", f"agentverse resume {result.run} --{result.limit} N{again}"))
    elif result.outcome == "failed":
        facts.append(("try_again", f"agentverse fork {result.run} --from PHASE{again}"))
    lines += [Line(f"{say(name)}: {clean(value)}", indent=1) for name, value in facts]
    if commands is not None:
        lines.append(Line(say("only_replies", count=commands), "heading"))
    return lines


def scene(result: RunResult, ended: SceneEnded, language: str) -> list[Line]:
    """The last lines of an environment that ran by itself."""
    lines = [Line(one_line(over(ended.reason, ended.turns, language)), "good")]
    lines += [Line(one_line(line), indent=1) for line in ended.report.splitlines()]
    facts = [(name, shown(value, language)) for name, value in ended.measures.items()]
    if result.product is not None:
        facts.append((word("software", language), str(result.product)))
    if result.evidence is not None:
        facts.append((word("evidence", language), _evidence(result, language)))
    facts.append((word("spent", language), _spent(result, language)))
    if result.report is not None:
        facts.append((word("report", language), str(result.report)))
    return lines + [Line(f"{one_line(name)}: {one_line(value)}", indent=1) for name, value in facts]


def as_json(result: RunResult, **more: Any) -> str:
    """The result as one JSON object of the type ``result``."""
    body = asdict(result)
    body["evidence"] = result.evidence.model_dump(mode="json") if result.evidence else None
    body["scene"] = result.scene.model_dump(mode="json") if result.scene else None
    body["usage"] = result.usage.model_dump()
    body["tiers"] = [tier.model_dump(exclude_none=True) for tier in result.tiers]
    return json.dumps({"type": "result", **body, **more}, ensure_ascii=False, default=str)


def _evidence(result: RunResult, language: str) -> str:
    evidence = result.evidence
    assert evidence is not None
    verdict = word("passed" if evidence.passed else "not_passed", language)
    if evidence.tests is not None:
        tests = evidence.tests
        verdict += ": " + word("tests", language, passed=tests.passed, failed=tests.failed + tests.errors)
    elif evidence.reason:
        verdict += ": " + one_line(evidence.reason)
    return f"{one_line(shlex.join(evidence.command))}  {verdict}"


def _tiers(result: RunResult, language: str) -> str:
    """What each tier did and cost, and what staying on the edge saved."""
    said: list[str] = []
    for tier in result.tiers:
        one = word("tier_is", language, tier=tier.tier, turns=tier.turns, tokens=thousands(tier.usage.total))
        said.append(f"{one}, {word('cost', language, cost=f'{tier.cost:.4f}')}" if tier.cost else one)
    if result.saved:
        said.append(word("saved", language, saved=f"{result.saved:.4f}"))
    return "; ".join(said)


def _spent(result: RunResult, language: str) -> str:
    usage = result.usage
    cached = round(100 * usage.cached / usage.prompt) if usage.prompt else 0
    said = word(
        "spent_is",
        language,
        turns=result.turns,
        tokens=thousands(usage.total),
        cached=cached,
        time=duration(result.seconds, language),
    )
    return f"{said}, {word('cost', language, cost=f'{result.cost:.4f}')}" if result.cost else said
