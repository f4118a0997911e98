"""What is told to an agent whose reply cannot be used."""

from __future__ import annotations

from agentverse.sayings import Sayings

_TEXTS: dict[str, dict[str, str]] = {
    "empty": {"en": "It was empty.", "zh": "回复是空的。"},
    "only_thinking": {
        "en": "It held only thoughts and no answer. Answer at once.",
        "zh": "回复里只有思考，没有答案。请直接回答。",
    },
    "refusal": {
        "en": "It declined the task. This is ordinary software work: do it.",
        "zh": "回复拒绝了任务。这只是普通的软件工作，请完成它。",
    },
    "no_fence": {
        "en": "There is no file in it. Each file must be whole, in a fence that names its path:\n{example}",
        "zh": "里面没有文件。每个文件都要完整地放在标明路径的围栏里：\n{example}",
    },
    "no_edits": {
        "en": "There is no edit in it. An edit is the path of a file, then SEARCH and REPLACE:\n{example}",
        "zh": "里面没有修改。修改先写文件路径，再写 SEARCH 和 REPLACE：\n{example}",
    },
    "cut_off": {"en": "It stopped before its end.", "zh": "回复没有写完。"},
    "missing": {
        "en": "These files are missing: {paths}. Name the path in the opening fence of each.",
        "zh": "缺少这些文件：{paths}。每个围栏开头都要写明路径。",
    },
    "path": {"en": "{path}: {reason}.", "zh": "{path}：{reason}。"},
    "elided": {
        "en": "{path}, line {line} leaves code out: {text}\nSend every line of the file.",
        "zh": "{path} 第 {line} 行省略了代码：{text}\n请写出文件的每一行。",
    },
    "syntax": {
        "en": "{path} is not valid Python, line {line}: {message}: {text}",
        "zh": "{path} 不是合法的 Python，第 {line} 行：{message}：{text}",
    },
    "no_match": {
        "en": "{path} has no such lines:\n{search}\nThe nearest lines are:\n{near}\nCopy them exactly.",
        "zh": "{path} 里没有这些行：\n{search}\n最接近的是：\n{near}\n请原样抄写。",
    },
    "no_such_file": {
        "en": "There is no file {path}. The files are: {paths}.",
        "zh": "没有文件 {path}。现有文件：{paths}。",
    },
    "no_edit_path": {
        "en": "Edit {number} names no file. Write its path on the line before <<<<<<< SEARCH.",
        "zh": "第 {number} 处修改没有写文件。请在 <<<<<<< SEARCH 前一行写路径。",
    },
    "empty_search": {
        "en": "{path} exists already, and its SEARCH is empty. Copy the lines to be replaced.",
        "zh": "{path} 已经存在，而 SEARCH 是空的。请抄下要替换的行。",
    },
    "malformed_edit": {
        "en": "Edit {number} lacks its line {marker}",
        "zh": "第 {number} 处修改缺少这一行：{marker}",
    },
    "ambiguous": {
        "en": "{path} has these lines in {count} places:\n{search}\nCopy more lines around the one that is meant.",
        "zh": "{path} 里有 {count} 处这样的行：\n{search}\n请多抄几行，指明是哪一处。",
    },
    "no_change": {"en": "It changes nothing.", "zh": "它没有改变任何内容。"},
    "bad_json": {"en": "There is no JSON object in it.", "zh": "里面没有 JSON 对象。"},
    "wrong_shape": {"en": "{what}", "zh": "{what}"},
    "choice": {"en": "It must be one of: {options}", "zh": "必须是其中之一：{options}"},
    "bad_call": {
        "en": "That is not how a tool is called. Reply with JSON only, such as {example}",
        "zh": "工具不是这样调用的。只回复 JSON，例如 {example}",
    },
    "check": {"en": "{what}", "zh": "{what}"},
}


explain = Sayings(_TEXTS)
