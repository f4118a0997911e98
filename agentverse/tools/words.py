"""What tools say to agents, in the languages of prompts."""

from __future__ import annotations

from agentverse.sayings import Sayings

_SAYINGS: dict[str, dict[str, str]] = {
    "about_list_files": {
        "en": "Lists the files of the product, or of one folder of it.",
        "zh": "列出产品的文件，或其中一个文件夹里的文件。",
    },
    "about_read_file": {
        "en": "Shows a file of the product, at most 400 lines at once, from line `start` on.",
        "zh": "显示产品的一个文件，从第 start 行起，一次最多 400 行。",
    },
    "about_search_files": {
        "en": "Finds a text in the files of the product; upper and lower case are the same.",
        "zh": "在产品的文件里查找一段文字，不分大小写。",
    },
    "about_edit_file": {
        "en": "Changes a file of the product, or makes a new one. Only name it here; you are then asked for the edits.",
        "zh": "修改产品的一个文件，或新建文件。这里只写路径，随后会请你写出修改。",
    },
    "about_run_command": {
        "en": "Runs a command on a copy of the files, without network; it is given as words, such as "
        '["python", "main.py"]. What it writes is not kept.',
        "zh": '在文件的副本上运行一条命令，没有网络；命令按词给出，例如 ["python", "main.py"]。它写的文件不保留。',
    },
    "about_fetch_page": {
        "en": "Fetches a page and shows its text. Allowed hosts: {hosts}.",
        "zh": "取一个网页，显示其中的文字。允许的主机：{hosts}。",
    },
    "about_ask_human": {
        "en": "Asks the person who ordered the product, and waits. Only for what nobody else can know.",
        "zh": "询问订购产品的人并等待回答。只用于别人都不知道的事。",
    },
    "about_look_up": {
        "en": "Shows a table of what was recorded: rows with the text `contains`, from the second `since` to `until` "
        "(0: to the end). `since` and `until` are for tables with a column `second`. Tables: {tables}.",
        "zh": "查看记录中的一张表：含有 contains 的行，从第 since 秒到第 until 秒（0：到最后；"
        "只用于有 second 列的表）。表：{tables}。",
    },
    "table": {"en": "{name} ({about})", "zh": "{name}（{about}）"},
    "no_time": {
        "en": "{name} has no column `second`: since and until say nothing here.",
        "zh": "{name} 没有 second 列：since 和 until 在这里不起作用。",
    },
    "no_table": {"en": "You may look up no table {name!r}.", "zh": "你不能查看 {name!r} 这张表。"},
    "no_file": {"en": "There is no file {path!r}. There are: {near}.", "zh": "没有文件 {path!r}。有：{near}。"},
    "no_files": {"en": "There are no files.", "zh": "没有文件。"},
    "not_text": {"en": "{path} is not text.", "zh": "{path} 不是文本。"},
    "lines_of": {"en": "{path}, lines {start} to {end} of {total}:", "zh": "{path}，{start}–{end} 行，共 {total} 行："},
    "no_line": {"en": "{path} has {total} lines.", "zh": "{path} 共 {total} 行。"},
    "not_found": {"en": "{text!r} stands in no file.", "zh": "没有文件包含 {text!r}。"},
    "no_text": {"en": "There is nothing to look for.", "zh": "没有要查找的内容。"},
    "more": {"en": "… and {count} more", "zh": "……还有 {count} 条"},
    "exit_code": {"en": "exit code {code}", "zh": "退出码 {code}"},
    "printed_nothing": {"en": "(it printed nothing)", "zh": "（没有输出）"},
    "left_out": {"en": "\n[… {count} characters left out …]\n", "zh": "\n[……省略 {count} 个字符……]\n"},
    "nothing": {"en": "(nothing)", "zh": "（空）"},
    "host_refused": {
        "en": "{host} is not among the hosts that may be asked: {hosts}.",
        "zh": "{host} 不在允许的主机之列：{hosts}。",
    },
    "private": {"en": "{host} is not a public address.", "zh": "{host} 不是公开地址。"},
    "no_url": {"en": "{url!r} is no http address.", "zh": "{url!r} 不是 http 地址。"},
    "redirects": {"en": "It leads from page to page without end.", "zh": "网页不断跳转。"},
    "status": {"en": "The server answered {status}.", "zh": "服务器返回 {status}。"},
    "unreachable": {"en": "{host} cannot be reached.", "zh": "无法连接 {host}。"},
    "not_a_page": {"en": "It is no text, but {kind}.", "zh": "它不是文本，而是 {kind}。"},
    "wrote": {"en": "Changed: {paths}.", "zh": "已修改：{paths}。"},
    "write_edits": {
        "en": "Write the change of {path} now. {form}",
        "zh": "现在写出对 {path} 的修改。{form}",
    },
    "nobody": {"en": "Nobody can say; decide yourself.", "zh": "没有人能回答，请自行决定。"},
    "failed": {"en": "FAILED: {why}", "zh": "失败：{why}"},
    "result": {"en": "Result of {tool}:\n{text}", "zh": "{tool} 的结果：\n{text}"},
    "no_tool": {
        "en": "There is no tool {name!r}. There are: {names}.",
        "zh": "没有工具 {name!r}。有：{names}。",
    },
    "no_object": {
        "en": "The arguments are no JSON object.",
        "zh": "参数不是 JSON 对象。",
    },
    "wrong_arguments": {"en": "Wrong arguments: {what}", "zh": "参数有误：{what}"},
    "too_long": {"en": "It took longer than {seconds:g} seconds.", "zh": "超过了 {seconds:g} 秒。"},
    "broke": {"en": "The tool broke down ({kind}).", "zh": "工具出错（{kind}）。"},
    "no_more": {
        "en": "That was the last call ({most} are allowed); this one was not made.",
        "zh": "调用次数已用完（最多 {most} 次），这一次没有执行。",
    },
    "tools": {"en": "You may first use tools:", "zh": "你可以先使用工具："},
    "form_calls": {
        "en": "Reply with JSON only: the calls you want now, such as\n{example}\n"
        'or, when you need no more, {{"calls":[]}}. You are then asked for your reply. At most {most} calls, '
        "{together} at a time.",
        "zh": "只回复 JSON：你现在要的调用，例如\n{example}\n"
        '不再需要时回复 {{"calls":[]}}，随后会请你给出回复。最多 {most} 次调用，每次最多 {together} 个。',
    },
    "native": {
        "en": "Use the tools where they help, at most {most} calls; then reply without one. {form}",
        "zh": "需要时使用工具，最多 {most} 次；然后直接回复。{form}",
    },
    "now": {"en": "No more tools: now reply. {form}", "zh": "不再使用工具，现在回复。{form}"},
}


say = Sayings(_SAYINGS)
