"""What the command line says, in its user's languages."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    # while a run is at work
    "begins": {"en": "{company} begins: {idea}", "zh": "{company}开工：{idea}"},
    "run_id": {"en": "run {run}", "zh": "运行 {run}"},
    "resumed": {"en": "the run goes on where it was", "zh": "从中断处继续"},
    "model": {"en": "{tier}: {name} at {url}", "zh": "{tier}：{name}，位于 {url}"},
    "model_here": {"en": "{tier}: {name}", "zh": "{tier}：{name}"},
    "unheld": {
        "en": "this server holds no reply to a form: what comes out of form is asked for again",
        "zh": "该服务器不约束回复的格式：不合格式的回复会被重新请求",
    },
    "skipped": {"en": "{phase} is left out: {reason}", "zh": "跳过 {phase}：{reason}"},
    "phase_failed": {"en": "{phase} failed ({code}): {reason}", "zh": "{phase} 失败（{code}）：{reason}"},
    "visit": {"en": "{phase}, visit {visit}", "zh": "{phase}，第 {visit} 次"},
    "cost_of_turn": {
        "en": "{tokens} tokens, {cached} of them cached, {seconds:.1f} s",
        "zh": "{tokens} 个令牌，其中缓存 {cached}，{seconds:.1f} 秒",
    },
    "lines": {"en": "{path}, {lines} lines", "zh": "{path}，{lines} 行"},
    "code_block": {"en": "code", "zh": "代码"},
    "edits_to": {"en": "edits to {path}: {count}", "zh": "修改 {path}：{count} 处"},
    "nothing_said": {"en": "(an empty reply)", "zh": "（空回复）"},
    "repair": {"en": "cannot be used ({problem}): {rung}", "zh": "无法使用（{problem}）：{rung}"},
    "reask": {"en": "asked again", "zh": "重新询问"},
    "continue": {"en": "asked to go on", "zh": "请其继续"},
    "resample": {"en": "another reply is drawn", "zh": "重新生成"},
    "escalate": {"en": "the next tier is asked", "zh": "交给更强的模型"},
    "give_up": {"en": "given up", "zh": "放弃"},
    "mended": {"en": "mended: {what}", "zh": "已修正：{what}"},
    "made": {"en": "→ {name}", "zh": "→ {name}"},
    "files": {"en": "{author} wrote {paths}", "zh": "{author} 写入 {paths}"},
    "files_deleted": {"en": "{author} removed {paths}", "zh": "{author} 删除 {paths}"},
    "conflicts": {"en": "changed on both sides: {paths}", "zh": "两边都有修改：{paths}"},
    "refused": {"en": "refused: {path}: {why}", "zh": "拒绝：{path}：{why}"},
    "rolled_back": {"en": "back to {commit}: {reason}", "zh": "退回 {commit}：{reason}"},
    "stuck": {"en": "stuck ({what}): {measure}", "zh": "停滞（{what}）：{measure}"},
    "limit": {"en": "limit reached: {used:g} of {allowed:g} {kind}", "zh": "达到上限：{kind} {used:g} / {allowed:g}"},
    "passed": {"en": "passed", "zh": "通过"},
    "not_passed": {"en": "did not pass", "zh": "未通过"},
    "hollow": {"en": "fails on an empty program, as it must", "zh": "在空程序上失败，理应如此"},
    "tests": {"en": "{passed} passed, {failed} failed", "zh": "{passed} 通过，{failed} 失败"},
    "seen": {"en": "looked at {kind}: it works", "zh": "{kind}看过：正常"},
    "seen_wrong": {"en": "looked at {kind}: {reason}", "zh": "{kind}看过：{reason}"},
    "not_seen": {"en": "not looked at {kind}: {reason}", "zh": "没有{kind}看：{reason}"},
    "as_command": {"en": "as a command", "zh": "作为命令"},
    "as_terminal": {"en": "on a terminal", "zh": "在终端里"},
    "as_window": {"en": "in its window", "zh": "在窗口里"},
    "as_web": {"en": "in a browser", "zh": "在浏览器里"},
    "pictures": {"en": "pictures: {count}", "zh": "图片：{count}"},
    "progress": {
        "en": "{turns} turns · {tokens} tokens ({cached} % cached) · {time}",
        "zh": "{turns} 轮 · {tokens} 令牌（缓存 {cached} %）· {time}",
    },
    "writes": {"en": "{who} writes: {tail}", "zh": "{who} 正在写：{tail}"},
    # people
    "asks": {"en": "A question for you: {question}", "zh": "有个问题要问你：{question}"},
    "answer_here": {"en": "Your answer", "zh": "你的回答"},
    "answer_number": {"en": "Your answer (a number or its text)", "zh": "你的回答（编号或文字）"},
    "answer_default": {"en": "Enter takes: {default}", "zh": "回车即选：{default}"},
    "not_a_choice": {"en": "Please choose one of these.", "zh": "请从中选择。"},
    "say_something": {"en": "Please say something.", "zh": "请输入内容。"},
    "answer_elsewhere": {"en": "Answer it with:  {command}", "zh": "请用此命令回答：  {command}"},
    "answered": {"en": "answered by {by}: {text}", "zh": "{by} 的回答：{text}"},
    "stopping": {
        "en": "Stopping: calls in flight may end. Once more stops at once.",
        "zh": "正在停止：等待进行中的调用结束。再按一次立即停止。",
    },
    "stopping_now": {"en": "Stopping at once.", "zh": "立即停止。"},
    # how a run ended
    "succeeded": {"en": "Done: the software is there and its tests pass.", "zh": "完成：软件已就绪，测试通过。"},
    "succeeded_untested": {"en": "Done.", "zh": "完成。"},
    "failed": {"en": "Not done: {reason}", "zh": "没有完成：{reason}"},
    "stopped": {"en": "Stopped: {reason}", "zh": "已停止：{reason}"},
    "unknown_reason": {"en": "no reason was given", "zh": "原因不明"},
    "software": {"en": "Software", "zh": "软件"},
    "best": {"en": "Best so far", "zh": "目前最好"},
    "nothing": {"en": "nothing was written", "zh": "没有写出任何文件"},
    "start": {"en": "Start it", "zh": "启动"},
    "evidence": {"en": "Evidence", "zh": "证据"},
    "spent": {"en": "Spent", "zh": "消耗"},
    "spent_is": {
        "en": "{turns} turns, {tokens} tokens ({cached} % cached), {time}",
        "zh": "{turns} 轮，{tokens} 令牌（缓存 {cached} %），{time}",
    },
    "cost": {"en": "cost {cost}", "zh": "费用 {cost}"},
    "report": {"en": "Report", "zh": "报告"},
    "go_on": {"en": "Go on", "zh": "继续"},
    "try_again": {"en": "Try again", "zh": "重试"},
    "only_replies": {
        "en": "Only the replies were recorded; {count} commands were really run.",
        "zh": "只有回复是录制的；{count} 条命令是真实执行的。",
    },
    # demo
    "no_demos": {"en": "This agentverse comes with no recorded run.", "zh": "没有录制的运行。"},
    "demos": {"en": "Recorded runs. Play one: agentverse demo NAME", "zh": "录制的运行。播放：agentverse demo 名称"},
    # no model
    "no_model": {
        "en": "No model is configured. Looked for, in this order:",
        "zh": "没有配置模型。依次查找了：",
    },
    "looked_option": {"en": "the option --model", "zh": "选项 --model"},
    "looked_variables": {
        "en": "the variables AGENTVERSE_MODEL, AGENTVERSE_MODELS_EDGE_BASE_URL, OPENAI_BASE_URL",
        "zh": "环境变量 AGENTVERSE_MODEL、AGENTVERSE_MODELS_EDGE_BASE_URL、OPENAI_BASE_URL",
    },
    "looked_file": {"en": "models.edge in {path} ({state})", "zh": "{path} 中的 models.edge（{state}）"},
    "file_there": {"en": "the file says nothing of it", "zh": "文件中没有"},
    "file_missing": {"en": "no such file", "zh": "没有此文件"},
    "three_ways": {"en": "Three ways on:", "zh": "三种办法："},
    "way_serve": {"en": "Start a model on your own graphics card:", "zh": "用自己的显卡启动一个模型："},
    "way_url": {"en": "Point at a server that runs already:", "zh": "使用已在运行的服务："},
    "way_demo": {"en": "Watch a recorded run, with no model:", "zh": "不用模型，先看一个录制的运行："},
}


def word(name: str, language: str, /, **values: object) -> str:
    """The text ``name`` in ``language``, with its blanks filled."""
    return WORDS[name][language if language in ("en", "zh") else "en"].format(**values)
