"""What the product itself says in prompts, in the languages of its users."""

from __future__ import annotations

from typing import Any

RULES = {
    "en": (
        "You work in a small company that makes software. Do only what the last instruction asks, briefly and exactly. "
        "Keep to what was agreed: requirements, design, names, paths. Code is whole and runs as it stands: no "
        "placeholders, nothing left out."
    ),
    "zh": (
        "你在一家小型软件公司工作。只做最后一条指令要求的事，简短、准确。"
        "遵守已经商定的内容：需求、设计、名称、路径。代码必须完整、能直接运行：不留占位，不省略。"
    ),
}

REPLY_FORMS = {
    "en": """\
A file is sent whole, in a fence that names its path:
```python path/to/file.py
print("hi")
```
An edit names the file, copies the old lines exactly, then gives the new ones:
path/to/file.py
<<<<<<< SEARCH
print("hi")
=======
print("hello")
>>>>>>> REPLACE""",
    "zh": """\
发送文件时写出完整内容，放在标明路径的代码围栏里：
```python path/to/file.py
print("hi")
```
修改文件时先写路径，再原样抄下旧的行，然后给出新的行：
path/to/file.py
<<<<<<< SEARCH
print("hi")
=======
print("hello")
>>>>>>> REPLACE""",
}

_SAYINGS: dict[str, dict[str, str]] = {
    "idea": {"en": "# Idea", "zh": "# 想法"},
    "requirements": {"en": "# Requirements", "zh": "# 需求"},
    "design": {"en": "# Design", "zh": "# 设计"},
    "your_turn": {"en": "# Your turn", "zh": "# 轮到你"},
    "packages": {"en": "Packages: {names}", "zh": "依赖包：{names}"},
    "test": {"en": "test: {test}", "zh": "测试：{test}"},
    "needs": {"en": "needs: {names}", "zh": "依赖：{names}"},
    "entry": {"en": "Entry: {path}", "zh": "入口：{path}"},
    "start": {"en": "Start: {command}", "zh": "启动：{command}"},
    "approved": {"en": "approved", "zh": "通过"},
    "not_approved": {"en": "not approved", "zh": "未通过"},
    "passed": {"en": "passed", "zh": "通过"},
    "failed": {"en": "failed: {reason}", "zh": "失败：{reason}"},
    "outline": {"en": "{path} (outline only)", "zh": "{path}（仅大纲）"},
    "more_lines": {"en": "… {count} more lines", "zh": "……还有 {count} 行"},
    "left_out": {"en": "[{count} earlier messages left out]", "zh": "[省略了 {count} 条较早的消息]"},
    "role": {"en": "You are the {title}. {duties}", "zh": "你是{title}。{duties}"},
    "form_text": {"en": "Answer in plain text.", "zh": "用普通文字回答。"},
    "form_file": {"en": "Reply with this file, whole:", "zh": "回复这个文件的完整内容："},
    "form_paths": {
        "en": "Reply with these files, each whole in its own fence: {paths}",
        "zh": "回复这些文件，每个都完整、各放在一个围栏里：{paths}",
    },
    "form_files": {"en": "Reply with each file whole, like this:", "zh": "回复每个文件的完整内容，格式如下："},
    "form_suffixes": {"en": "Paths look like: {suffixes}", "zh": "路径形如：{suffixes}"},
    "all_lines": {"en": "<all lines of the file>", "zh": "<文件的全部内容>"},
    "form_edits": {"en": "Reply with edits, like this:", "zh": "回复修改，格式如下："},
    "old_lines": {"en": "<lines as they are now>", "zh": "<现在的行>"},
    "new_lines": {"en": "<lines as they shall be>", "zh": "<改后的行>"},
    "form_json": {"en": "Reply with JSON only, like this:", "zh": "只回复 JSON，格式如下："},
    "form_choice": {
        "en": "Reply with JSON only, one of: {options}. Like this:",
        "zh": "只回复 JSON，从中选一个：{options}。格式如下：",
    },
    "hint_requirements": {
        "en": "kind: command, library, window, terminal, web or other.",
        "zh": "kind 只能是 command、library、window、terminal、web、other。",
    },
    "hint_verdict": {
        "en": 'severity: blocker, major or minor. Nothing to mend: {{"approved":true,"findings":[]}}',
        "zh": 'severity 只能是 blocker、major、minor。没有问题：{{"approved":true,"findings":[]}}',
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
                    "path": "tally.py", "purpose": "Counts words.", "names": ["count(text: str) -> int"],
                    "depends_on": [],
                },
            ],
            "entry": "main.py", "start": "python main.py --help",
        },
        "zh": {
            "files": [
                {"path": "main.py", "purpose": "读取参数。", "names": ["main() -> int"], "depends_on": ["tally.py"]},
                {"path": "tally.py", "purpose": "数词。", "names": ["count(text: str) -> int"], "depends_on": []},
            ],
            "entry": "main.py", "start": "python main.py --help",
        },
    },
    "verdict": {
        "en": {"approved": False, "findings": [{
            "file": "main.py", "line": 12, "severity": "major", "what": "Crashes on an empty file.",
            "how": "Return 0 then.",
        }]},
        "zh": {"approved": False, "findings": [{
            "file": "main.py", "line": 12, "severity": "major", "what": "文件为空时崩溃。", "how": "这时返回 0。",
        }]},
    },
    "opinion": {
        "en": {"agreed": False, "message": "R2: say what an empty file gives."},
        "zh": {"agreed": False, "message": "R2：写明空文件得到什么。"},
    },
}  # fmt: skip
"""Artifact type: the tiny example shown to the agent, by language."""


def say(name: str, language: str, **values: object) -> str:
    """The text ``name`` in ``language``, English when there is none, with its blanks filled."""
    texts = _SAYINGS[name]
    return texts.get(language, texts["en"]).format(**values)


def knows(name: str) -> bool:
    """Whether there is a text ``name``."""
    return name in _SAYINGS
