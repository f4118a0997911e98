"""Short texts the engine puts into prompts and reasons, in the languages of its users."""

from __future__ import annotations

from agentverse.sayings import Sayings

_WORDS: dict[str, dict[str, str]] = {
    "same_failure": {
        "en": "The last change did not help: the same failure came back. Find another cause and change something else.",
        "zh": "上次的修改没有用：同样的失败又出现了。请找别的原因，改别的地方。",
    },
    "no_language": {
        "en": "'{said}' cannot be used here as the language. Choose one of: {usable}.",
        "zh": "这里不能用“{said}”作编程语言。请从这些里选：{usable}。",
    },
    "no_effect": {
        "en": "These files were already tried and failed. Do not repeat that change.",
        "zh": "这样的文件已经试过并且失败了，不要重复这个修改。",
    },
    "earlier_visit": {"en": "On visit {visit} you said:", "zh": "第 {visit} 次你说："},
    "tried": {
        "en": "These changes were tried and did not help:\n{patch}",
        "zh": "已经试过、没有用的修改：\n{patch}",
    },
    "owned": {
        "en": "it belongs to '{artifact}' and is not yours to change",
        "zh": "它属于“{artifact}”，你不能修改",
    },
    "weakened": {
        "en": "This weakens the tests: {what}. Correct the expected value, or leave the test as it is.",
        "zh": "这样改会削弱测试：{what}。请改正期望的值，或者保持测试不变。",
    },
    "mended": {"en": "mended {paths}, shown above as it now stands", "zh": "改好了 {paths}，上文是现在的样子"},
    "remark": {"en": "on version {version}: {said}", "zh": "对第 {version} 版：{said}"},
    "task_was": {
        "en": "The task:\n{task}\n\nYour part in it:",
        "zh": "任务：\n{task}\n\n你负责的部分：",
    },
    "agreed": {"en": "Agreed.", "zh": "同意。"},
    "not_agreed": {"en": "Not agreed.", "zh": "不同意。"},
    "wrote": {
        "en": "wrote version {version} of {artifact}, shown above",
        "zh": "写出了 {artifact} 的第 {version} 版，见上文",
    },
    "may_have_package": {
        "en": "The product needs the package {package}, which is not a common one.{near} Use it in the sandbox?",
        "zh": "产品需要软件包 {package}，它不是常用的软件包。{near} 可以在沙箱里使用它吗？",
    },
    "yes": {"en": "yes", "zh": "可以"},
    "no": {"en": "no", "zh": "不可以"},
    "picture": {"en": "(a picture)", "zh": "（图片）"},
    "no_sight": {
        "en": "no model is configured for the tier 'vision'; what is asked of it is asked in text alone",
        "zh": "层级“vision”没有配置模型；原本交给它的问题只用文字来问，不带图片",
    },
    "left_out": {
        "en": "the tier '{tier}' is left out: its model is not on this machine, which nothing may leave",
        "zh": "不使用层级“{tier}”：它的模型不在本机上，而任何内容都不得离开本机",
    },
    "no_tier": {
        "en": "no model is configured for the tier '{tier}'; the lowest one there is answers",
        "zh": "层级“{tier}”没有配置模型，由最低的层级回答",
    },
    "your_turn": {"en": "It is your turn, {who}.", "zh": "{who}，轮到你了。"},
    "may_say": {"en": "Type what you say, or: {forms}", "zh": "直接输入要说的话，或者：{forms}"},
    "may_type": {"en": "Type one of: {forms}", "zh": "请输入其中之一：{forms}"},
    "heard": {
        "en": "A person who oversees this work tells you, and it goes before what was agreed:\n{text}",
        "zh": "监督这项工作的人对你说（优先于已经商定的内容）：\n{text}",
    },
    "judge": {
        "en": "Above are several numbered proposals. Name the number of the best one.",
        "zh": "上面是几个编号的方案。请回答最好的那个的编号。",
    },
}


word = Sayings(_WORDS)
