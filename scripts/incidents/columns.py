"""The tables of a recording: what each shows, in the words an agent reads, and its columns."""

from __future__ import annotations

from typing import Any

COLUMNS: dict[str, dict[str, Any]] = {
    "alarms": {
        "about": {
            "en": "when a figure of the shop first was twice as bad as usual; usual: the median before",
            "zh": "网店的指标第一次比平时差一倍的时刻；usual 是之前的中位数",
        },
        "columns": ["second", "figure", "value", "usual"],
    },
    "requests": {
        "about": {
            "en": "requests of the shop's customers in the half second before; each opens a connection of its own",
            "zh": "到该秒为止半秒内网店的请求；每个请求都新开一个连接",
        },
        "columns": ["second", "done_per_s", "failed_per_s", "mean_ms", "slowest_ms"],
    },
    "slow_queries": {
        "about": {
            "en": "finished statements that took most time since the trouble began, and their mean before it",
            "zh": "出问题以来已执行完的语句中最耗时的，以及出问题之前的平均耗时",
        },
        "columns": [
            "statement",
            "calls",
            "mean_ms",
            "mean_ms_before",
            "max_ms",
            "rows",
            "blocks_from_cache",
            "blocks_from_disk",
        ],
    },
    "plans": {
        "about": {"en": "how the database carries out a statement, at the end", "zh": "语句的执行计划（记录结束时）"},
        "columns": ["statement", "plan"],
    },
    "tables": {
        "about": {
            "en": "size of tables at the end, and how they were read since the trouble began",
            "zh": "记录结束时各表的大小，以及出问题以来的读取方式",
        },
        "columns": [
            "table",
            "live_rows",
            "dead_rows",
            "kilobytes",
            "whole_scans",
            "rows_by_whole_scans",
            "index_scans",
            "analyzed",
        ],
    },
    "indexes": {
        "about": {
            "en": "indexes there are at the end, and how often they were used since the trouble began",
            "zh": "记录结束时的索引，以及出问题以来的使用次数",
        },
        "columns": ["table", "index", "scans", "kilobytes"],
    },
    "sessions": {
        "about": {"en": "who is connected and does what, at the end", "zh": "记录结束时的会话：谁连着、在做什么"},
        "columns": ["pid", "program", "state", "waits_for", "seconds_so", "seconds_in_transaction", "last_statement"],
    },
    "locks": {
        "about": {
            "en": "locks that are waited for at the end, and who holds them",
            "zh": "记录结束时正在等待的锁以及持有者",
        },
        "columns": ["pid", "lock", "mode", "waited_s", "statement", "blocked_by_pids"],
    },
    "metrics": {
        "about": {"en": "figures of the server over time", "zh": "服务器指标，按时间"},
        "columns": [
            "second",
            "commits_per_s",
            "connections",
            "active",
            "idle",
            "idle_in_transaction",
            "waiting_for_locks",
            "rows_read_per_s",
            "cache_hit_percent",
            "cpu_percent",
        ],
    },
    "settings": {
        "about": {"en": "settings of the server", "zh": "服务器配置"},
        "columns": ["setting", "value"],
    },
    "log": {
        "about": {"en": "the server's log; lines that say the same are counted", "zh": "服务器日志，相同的行合并计数"},
        "columns": ["second", "level", "text", "times"],
    },
}
