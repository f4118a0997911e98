"""A report as a page for people, in their language."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from agentverse.blueprint.artifacts import Coverage, Evidence, Finding, Show
from agentverse.blueprint.text import localize
from agentverse.report.cascade import lines as _cascade
from agentverse.report.markdown import code as _code
from agentverse.report.markdown import plain as _plain
from agentverse.report.markdown import table as _table
from agentverse.report.model import Report, SamplesReport
from agentverse.report.scene import over, scene_blocks
from agentverse.sayings import Sayings

SEEN = 200
"""Characters of what was seen in one moment that has no picture."""
WORDS: dict[str, dict[str, str]] = {
    "succeeded": {"en": "The software is done and its evidence holds.", "zh": "软件已完成，证据成立。"},
    "failed": {"en": "The run failed: {reason}.", "zh": "运行失败：{reason}。"},
    "stopped": {"en": "The run was stopped: {reason}.", "zh": "运行被停止：{reason}。"},
    "running": {"en": "The run has not ended.", "zh": "运行尚未结束。"},
    "idea": {"en": "Idea", "zh": "想法"},
    "company": {"en": "Company", "zh": "公司"},
    "environment": {"en": "Environment", "zh": "环境"},
    "run": {"en": "Run", "zh": "运行"},
    "place": {"en": "Folder", "zh": "文件夹"},
    "start": {"en": "Start", "zh": "启动"},
    "time": {"en": "Time", "zh": "用时"},
    "tokens": {"en": "Tokens", "zh": "令牌"},
    "tokens_are": {
        "en": "{prompt:,} + {completion:,} ({cached:,} cached)",
        "zh": "{prompt:,} + {completion:,}（缓存 {cached:,}）",
    },
    "samples": {"en": "Samples", "zh": "采样"},
    "samples_are": {
        "en": "{drawn} in {requests} requests: {computed:,} prompt tokens computed instead of {prompt:,}",
        "zh": "{requests} 次请求抽取 {drawn} 个：计算 {computed:,} 个提示令牌，而非 {prompt:,} 个",
    },
    "seconds": {"en": "{seconds:.1f} s", "zh": "{seconds:.1f} 秒"},
    "minutes": {"en": "{minutes} min {seconds:02d} s", "zh": "{minutes} 分 {seconds} 秒"},
    "hours": {"en": "{hours} h {minutes:02d} min", "zh": "{hours} 小时 {minutes} 分"},
    "cost": {"en": "Cost", "zh": "费用"},
    "sandbox": {"en": "Sandbox", "zh": "沙箱"},
    "evidence": {"en": "Evidence", "zh": "证据"},
    "no_evidence": {
        "en": "No command was run; nothing shows that the software works.",
        "zh": "没有执行过命令，没有证据。",
    },
    "seen": {"en": "Looked at {kind}: it works.", "zh": "{kind}看过：正常。"},
    "seen_wrong": {"en": "Looked at {kind}: {reason}.", "zh": "{kind}看过：{reason}。"},
    "not_seen": {"en": "Not looked at {kind}: {reason}.", "zh": "没有{kind}看：{reason}。"},
    "changed": {
        "en": "Prints something else than on visit {visit}: {commands}.",
        "zh": "与第 {visit} 次的输出不同：{commands}。",
    },
    "as_command": {"en": "as a command", "zh": "作为命令"},
    "as_terminal": {"en": "on a terminal", "zh": "在终端里"},
    "as_window": {"en": "in its window", "zh": "在窗口里"},
    "as_web": {"en": "in a browser", "zh": "在浏览器里"},
    "passed": {"en": "`{command}` passed: {what}.", "zh": "`{command}` 通过：{what}。"},
    "not_passed": {"en": "`{command}` did not pass: {what}.", "zh": "`{command}` 未通过：{what}。"},
    "tests": {
        "en": "tests: {passed} passed, {failed} failed, {errors} broken, {skipped} skipped",
        "zh": "测试：{passed} 通过，{failed} 失败，{errors} 出错，{skipped} 跳过",
    },
    "coverage": {
        "en": "The tests ran {percent} % of the product: {covered} of {total} statements.",
        "zh": "测试执行了产品的 {percent} %：{total} 条语句中的 {covered} 条。",
    },
    "not_covered": {"en": "{percent} %, not run: line {lines}", "zh": "{percent} %，没有执行：第 {lines} 行"},
    "hollow": {
        "en": "`{command}` fails on an empty program, as it must.",
        "zh": "`{command}` 在空程序上失败，理应如此。",
    },
    "control": {
        "en": "`{command}` fails when its tests are made to fail, as it must.",
        "zh": "`{command}` 在测试被改为必败时失败，理应如此。",
    },
    "exit": {"en": "exit code {code}", "zh": "退出码 {code}"},
    "ended_by": {"en": "ended by {ended}", "zh": "因 {ended} 结束"},
    "requirements": {"en": "What was asked", "zh": "需求"},
    "packages": {"en": "Packages it was tested with", "zh": "测试时使用的软件包"},
    "files": {"en": "Files", "zh": "文件"},
    "phases": {"en": "Phases", "zh": "阶段"},
    "phase_head": {
        "en": "phase | visits | turns | asked again | tokens in | cached | tokens out | seconds",
        "zh": "阶段 | 次数 | 轮次 | 重问 | 输入令牌 | 缓存 | 输出令牌 | 秒",
    },
    "tiers": {"en": "Models", "zh": "模型"},
    "tier_head": {
        "en": "tier | model | turns | tokens in | cached | tokens out | cost",
        "zh": "层级 | 模型 | 轮次 | 输入令牌 | 缓存 | 输出令牌 | 费用",
    },
    "cascade": {"en": "Edge and cloud", "zh": "端侧与云端"},
    "tools": {"en": "Tools", "zh": "工具"},
    "tool_head": {"en": "tool | calls | failed | seconds", "zh": "工具 | 调用 | 失败 | 秒"},
    "repairs": {"en": "Replies that had to be mended", "zh": "需要修复的回复"},
    "findings": {"en": "What the reviewers said last", "zh": "最后的评审意见"},
    "limits": {"en": "Limits that were hit", "zh": "触及的上限"},
    "limit": {"en": "{used:g} of {allowed:g} {kind}", "zh": "{kind}：{used:g} / {allowed:g}"},
    "refused": {"en": "Paths that were refused", "zh": "被拒绝的路径"},
    "setbacks": {"en": "Setbacks", "zh": "波折"},
    "final": {"en": "before delivery", "zh": "交付之前"},
    "history": {"en": "All checks", "zh": "全部检查"},
    "skipped": {"en": "skipped", "zh": "跳过"},
}


word = Sayings(WORDS)


def as_markdown(report: Report) -> str:
    """The page. What models and commands wrote is shown as text: no HTML, no links, no markup of theirs."""
    language = report.language

    def say(name: str, **values: object) -> str:
        return word(name, language, **values)

    blocks = [
        f"# {_plain(report.idea) or report.run}",
        _headline(report),
        *(scene_blocks(report.scene, language) if report.scene is not None else ()),
        _facts(report),
        f"## {say('evidence')}\n\n{_evidence(report)}" if report.scene is None or report.checks else "",
        _listed(say("requirements"), [f"{_plain(r.id)}. {_plain(r.text)}" for r in report.requirements]),
        _listed(say("packages"), [_code(pin) for pin in report.packages]),
        _listed(say("files"), [f"{_code(file.path)} ({_plain(file.author)})" for file in report.files]),
        _phases(report),
        _tiers(report),
        _listed(say("cascade"), _cascade(report.cascade, language) if report.cascade else []),
        _tools(report),
        _listed(say("repairs"), [f"{_code(problem)}: {count}" for problem, count in report.repairs.items()]),
        _listed(say("findings"), [_finding(finding) for finding in report.findings]),
        _listed(say("limits"), [say("limit", used=x.used, allowed=x.allowed, kind=x.kind) for x in report.limits]),
        _listed(say("refused"), [f"{_code(path)}: {_plain(why)}" for path, why in report.refused.items()]),
        _listed(say("setbacks"), [_plain(text) for text in report.setbacks]),
    ]
    if len(report.checks) > 1:
        checks = [
            f"{f'{_plain(c.phase)}#{c.visit}' if c.visit else say('final')}: {summary(c.evidence, language)}"
            for c in report.checks
        ]
        blocks.append(_listed(say("history"), checks))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _headline(report: Report) -> str:
    """One sentence on how it ended."""
    scene = report.scene
    if scene is not None and report.outcome == "succeeded":
        return over(_plain(scene.reason), scene.turns, report.language)
    return word(report.outcome, report.language, reason=_plain(report.reason).rstrip(".。"))


def summary(evidence: Evidence, language: str) -> str:
    """One sentence on what a command showed."""
    tests = evidence.tests
    if evidence.passed and evidence.kind in ("hollow", "control"):
        return word(evidence.kind, language, command=_code(shlex.join(evidence.command)).strip("`"))
    if tests is not None and (tests.passed or tests.failed or tests.errors or tests.skipped):
        counts = {name: getattr(tests, name) for name in ("passed", "failed", "errors", "skipped")}
        what = word("tests", language, **counts)
    elif evidence.ended == "exited":
        what = word("exit", language, code=evidence.exit_code)
    else:
        what = word("ended_by", language, ended=evidence.ended)
    if evidence.reason and not evidence.passed:
        what = f"{what}; {_plain(evidence.reason).rstrip('.。')}"
    command = _code(shlex.join(evidence.command)).strip("`")
    return word("passed" if evidence.passed else "not_passed", language, command=command, what=what)


def duration(seconds: float, language: str = "en") -> str:
    """``7.2 s``, ``3 min 20 s``, ``1 h 05 min``."""
    if seconds < 60:
        return word("seconds", language, seconds=seconds)
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return word("minutes", language, minutes=minutes, seconds=rest)
    return word("hours", language, hours=minutes // 60, minutes=minutes % 60)


def _facts(report: Report) -> str:
    usage = report.usage
    title = localize(report.company_title, report.language) or report.company
    facts = {
        "company" if report.scene is None else "environment": _plain(title),
        "run": _code(report.run),
        "place": _code(str(Path(report.folder) / "workspace")) if report.files or report.scene is None else "",
        "start": _code(report.start) if report.start else "",
        "time": duration(report.seconds, report.language),
        "tokens": word(
            "tokens_are", report.language, prompt=usage.prompt, completion=usage.completion, cached=usage.cached
        ),
        "samples": samples(report.samples, report.language),
        "cost": f"{report.cost:.4f}" if report.cost else "",
        "sandbox": _code(report.sandbox) if report.sandbox else "",
    }
    return "\n".join(f"- {word(name, report.language)}: {value}" for name, value in facts.items() if value)


def samples(report: SamplesReport | None, language: str) -> str:
    """What drawing samples took; "" when none were drawn."""
    return word("samples_are", language, **report.model_dump()) if report is not None else ""


def _evidence(report: Report) -> str:
    evidence = report.evidence
    if evidence is None:
        return word("no_evidence", report.language)
    lines = [summary(evidence, report.language)]
    for case in evidence.tests.cases if evidence.tests else []:
        if case.outcome in ("failed", "error"):
            lines.append(f"- {_code(case.id)}: {_plain(case.message)}")
    lines += _coverage(evidence.coverage, report.language)
    for show in evidence.shows:
        lines += _show(show, report.language)
    return "\n\n".join([lines[0], "\n".join(lines[1:])]).strip()


def _coverage(coverage: Coverage | None, language: str) -> list[str]:
    """What the tests ran, a line for the whole and one for each file of which they did not run all."""
    if coverage is None:
        return []
    counts = {"percent": coverage.percent, "covered": coverage.covered, "total": coverage.total}
    lines = [f"- {word('coverage', language, **counts)}"]
    for file in coverage.files:
        if file.missing:
            said = word("not_covered", language, percent=file.percent, lines=_plain(", ".join(file.missing)))
            lines.append(f"  - {_code(file.path)}: {said}")
    return lines


def _show(show: Show, language: str) -> list[str]:
    """What was seen, a line for the whole and one for each picture."""
    state = "seen" if show.passed else "not_seen" if show.ended == "not_run" else "seen_wrong"
    reason = _plain(f"{show.reason} ({show.fix})" if show.fix else show.reason)
    lines = [f"- {word(state, language, kind=word(f'as_{show.kind}', language), reason=reason)}"]
    for moment in show.moments:
        did = _plain(moment.did)
        saw = f"![{did}]({moment.picture})" if moment.picture else _code(_cut(" ".join(moment.saw.split())))
        lines.append(f"  - {did}: {saw}")
    if show.changed:
        commands = ", ".join(_code(did) for did in show.changed)
        lines.append(f"  - {word('changed', language, visit=show.since, commands=commands)}")
    return lines


def _cut(text: str) -> str:
    return text if len(text) <= SEEN else f"{text[:SEEN]}…"


def _finding(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    place = f"{_code(finding.file + line)} " if finding.file else ""
    return f"**{finding.severity}** {place}{_plain(finding.what)}"


def _phases(report: Report) -> str:
    rows: list[list[str]] = []
    for phase in report.phases:
        usage = phase.usage
        visits = str(phase.visits) if phase.visits else word("skipped", report.language)
        counts = [
            str(phase.turns),
            str(phase.repairs),
            f"{usage.prompt:,}",
            f"{usage.cached:,}",
            f"{usage.completion:,}",
        ]
        title = localize(phase.title, report.language)
        name = f"{_code(phase.name)} {_plain(title)}".strip()
        rows.append([name, visits, *counts, f"{phase.seconds:.1f}"])
    return _table(word("phases", report.language), word("phase_head", report.language), rows)


def _tiers(report: Report) -> str:
    rows = [
        [
            _code(tier.tier),
            _code(tier.model) if tier.model else "",
            str(tier.turns),
            f"{tier.usage.prompt:,}",
            f"{tier.usage.cached:,}",
            f"{tier.usage.completion:,}",
            f"{tier.cost:.4f}" if tier.cost is not None else "",
        ]
        for tier in report.tiers
    ]
    return _table(word("tiers", report.language), word("tier_head", report.language), rows)


def _tools(report: Report) -> str:
    rows = [[_code(tool.tool), str(tool.calls), str(tool.failed), f"{tool.seconds:.1f}"] for tool in report.tools]
    return _table(word("tools", report.language), word("tool_head", report.language), rows)


def _listed(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines)]) if lines else ""
