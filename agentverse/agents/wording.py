"""What the product itself says in prompts, in the languages of its users."""

from __future__ import annotations

from typing import Any

from agentverse.sayings import Sayings

RULES = {
    "en": (
        "You work in a small company that makes software. Do only what the last section asks, briefly and exactly. "
        "Keep to what was agreed: requirements, design, names, paths. Code is complete and runs as it stands: no "
        "placeholders, no TODO, nothing left out."
    ),
    "zh": (
        "你在一家小型软件公司工作。只做最后一节要求的事，简短、准确。"
        "遵守已经商定的内容：需求、设计、名称、路径。代码必须完整、能直接运行：不留占位，不写 TODO，不省略。"
    ),
}

_SAYINGS: dict[str, dict[str, str]] = {
    "idea": {"en": "# Idea", "zh": "# 想法"},
    "requirements": {"en": "# Requirements", "zh": "# 需求"},
    "design": {"en": "# Design", "zh": "# 设计"},
    "your_turn": {"en": "# Your turn", "zh": "# 轮到你"},
    "packages": {"en": "Packages: {names}", "zh": "依赖包：{names}"},
    "test": {"en": " Test: {test}", "zh": "测试：{test}"},
    "needs": {"en": "needs: {names}", "zh": "依赖：{names}"},
    "entry": {"en": "Entry: {path}", "zh": "入口：{path}"},
    "start": {"en": "Start: {command}", "zh": "启动：{command}"},
    "approved": {"en": "approved", "zh": "通过"},
    "not_approved": {"en": "not approved", "zh": "未通过"},
    "passed": {"en": "passed", "zh": "通过"},
    "failed": {"en": "failed: {reason}", "zh": "未通过：{reason}"},
    "count_failed": {"en": "{bad} of {total} tests", "zh": "{total} 个测试中有 {bad} 个失败"},
    "exit_code": {"en": "exit code {code}", "zh": "退出码 {code}"},
    "no_tests": {"en": "no tests were found", "zh": "没有找到测试"},
    "ended_killed": {"en": "it was killed", "zh": "程序被强行终止"},
    "ended_timeout": {"en": "it did not end in time", "zh": "超时，没有运行完"},
    "ended_memory": {"en": "it used too much memory", "zh": "占用内存过多"},
    "ended_pids": {"en": "it started too many processes", "zh": "启动的进程过多"},
    "ended_disk": {"en": "it wrote too much to disk", "zh": "写入磁盘过多"},
    "ended_output": {"en": "it printed without end", "zh": "不停地打印"},
    "unended": {"en": "it began and did not end", "zh": "开始运行后没有结束"},
    "called_from": {"en": "called from {place}", "zh": "调用处：{place}"},
    "did": {"en": "After `{what}` it showed:", "zh": "执行 `{what}` 之后显示："},
    "outline": {"en": "{path} (outline only)", "zh": "{path}（仅大纲）"},
    "more_lines": {"en": "… {count} more lines", "zh": "……还有 {count} 行"},
    "picture": {"en": "Picture: {called}", "zh": "图片：{called}"},
    "left_out": {"en": "[{count} earlier messages left out]", "zh": "[省略了 {count} 条较早的消息]"},
    "attempt": {"en": "# Attempt {number}, not accepted", "zh": "# 第 {number} 次尝试，未通过"},
    "advice": {"en": "Advice: {advice}", "zh": "改进意见：{advice}"},
    "role": {"en": "You are the {title}. {duties}", "zh": "你是{title}。{duties}"},
    "form_text": {"en": "Answer in plain text.", "zh": "用普通文字回答。"},
    "form_file": {
        "en": "Reply with the whole file, in a fence that begins {fence}",
        "zh": "回复完整的文件，围栏开头写 {fence}",
    },
    "form_paths": {
        "en": "Reply with these files, each whole in its own fence: {paths}",
        "zh": "回复这些文件，每个都完整、各放在一个围栏里：{paths}",
    },
    "form_files": {
        "en": "Reply with each file whole, in a fence that names its path:\n{fence}\n<all lines>\n```",
        "zh": "回复每个文件的完整内容，各放在标明路径的围栏里：\n{fence}\n<全部内容>\n```",
    },
    "form_edits": {
        "en": "Reply with edits, each like this:\npath/to/file.py\n<<<<<<< SEARCH\n<old lines, copied exactly>\n"
        "=======\n<new lines>\n>>>>>>> REPLACE",
        "zh": "回复修改，每处格式如下：\npath/to/file.py\n<<<<<<< SEARCH\n<旧的行，原样照抄>\n"
        "=======\n<新的行>\n>>>>>>> REPLACE",
    },
    "form_json": {"en": "Reply with JSON only, like this:", "zh": "只回复 JSON，格式如下："},
    "form_choice": {
        "en": 'Choose one of: {options}. Reply with JSON only: {{"choice":"<the one>"}}',
        "zh": '从中选一个：{options}。只回复 JSON：{{"choice":"<选中的>"}}',
    },
    "hint_requirements": {
        "en": "kind: command (arguments in, text out), terminal (menu, game), window, web, library, other.",
        "zh": "kind 只能是 command（命令行参数进、文字出）、terminal（菜单或游戏）、window、web、library、other。",
    },
    "hint_verdict": {
        "en": 'No error: {{"findings":[],"approved":true}}',
        "zh": '没有错误：{{"findings":[],"approved":true}}',
    },
    "hint_tour": {"en": 'what and see are texts; see may be "".', "zh": 'what 和 see 是文字，see 可以是 ""。'},
    "hint_opinion": {
        "en": 'Nothing to change: {{"agreed":true,"message":""}}',
        "zh": '不用改：{{"agreed":true,"message":""}}',
    },
    "reask": {
        "en": "That reply cannot be used. {detail}\nReply again, complete and in the form asked for.",
        "zh": "这个回复无法使用。{detail}\n请按要求的格式重新完整回复。",
    },
    "continue": {
        "en": "The reply was cut off. Go on exactly where it stopped; repeat nothing, add no remark.",
        "zh": "回复被截断了。请从中断处接着写，不要重复，不要加说明。",
    },
    "shortened": {"en": "\n[… {count} characters …]\n", "zh": "\n[……{count} 个字符……]\n"},
    "no_answer": {"en": "(no answer)", "zh": "（没有回答）"},
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "requirements": {
        "en": {
            "title": "Tally", "summary": "Counts the words of a file.", "kind": "command", "language": "python",
            "dependencies": [], "items": [{"id": "R1", "text": "Prints the number of words.", "test": "'a b' gives 2"}],
        },
        "zh": {
            "title": "计数", "summary": "数出文件里的词。", "kind": "command", "language": "python",
            "dependencies": [], "items": [{"id": "R1", "text": "打印词数。", "test": "输入 'a b' 得到 2"}],
        },
    },
    "design": {
        "en": {
            "files": [
                {
                    "path": "main.py", "purpose": "Reads the arguments.", "names": ["main() -> int"],
                    "depends_on": ["tally.py"],
                },
                {
                    "path": "tally.py", "purpose": "Counts words.",
                    "names": ["count(text: str) -> int", "Tally.add(word: str) -> None"], "depends_on": [],
                },
            ],
            "entry": "main.py", "start": "python main.py notes.txt",
        },
        "zh": {
            "files": [
                {"path": "main.py", "purpose": "读取参数。", "names": ["main() -> int"], "depends_on": ["tally.py"]},
                {
                    "path": "tally.py", "purpose": "数词。",
                    "names": ["count(text: str) -> int", "Tally.add(word: str) -> None"], "depends_on": [],
                },
            ],
            "entry": "main.py", "start": "python main.py notes.txt",
        },
    },
    "verdict": {
        "en": {"findings": [{
            "file": "main.py", "severity": "major", "what": "An empty file crashes it.", "how": "Return 0 then.",
        }], "approved": False},
        "zh": {"findings": [{
            "file": "main.py", "severity": "major", "what": "文件为空时崩溃。", "how": "这时返回 0。",
        }], "approved": False},
    },
    "tour": {
        "en": {"steps": [{"do": "…", "what": "…", "see": "…"}]},
        "zh": {"steps": [{"do": "…", "what": "…", "see": "…"}]},
    },
    "opinion": {
        "en": {"agreed": False, "message": "Change R2 to: an empty file prints 0."},
        "zh": {"agreed": False, "message": "把 R2 改成：文件为空时打印 0。"},
    },
}  # fmt: skip
"""Artifact type: the tiny example shown to the agent, by language."""


say = Sayings(_SAYINGS)


def knows(name: str) -> bool:
    """Whether there is a text ``name``."""
    return name in _SAYINGS
