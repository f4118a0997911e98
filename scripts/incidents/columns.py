"""The tables of a recording: what each shows, in the words an agent reads, and its columns."""

from __future__ import annotations

from typing import Any

COLUMNS: dict[str, dict[str, Any]] = {
    "alarms": {
        "about": {"en": "when a figure of the shop went wrong", "zh": "网店的指标何时变得异常"},
        "columns": ["second", "figure", "value", "usual"],
    },
    "requests": {
        "about": {"en": "requests of the shop's customers over time", "zh": "网店的请求情况，按时间"},
        "columns": ["second", "done_per_s", "failed_per_s", "mean_ms", "slowest_ms"],
    },
    "slow_queries": {
        "about": {
            "en": "finished statements that took most time since the trouble began",
            "zh": "出问题以来已执行完的语句中最耗时的",
        },
        "columns": ["statement", "calls", "mean_ms", "max_ms", "rows", "blocks_from_cache", "blocks_from_disk"],
    },
    "plans": {
        "about": {"en": "how the database carries out a statement", "zh": "语句的执行计划"},
        "columns": ["statement", "plan"],
    },
    "tables": {
        "about": {"en": "size of tables and how they were read", "zh": "各表的大小和读取方式"},
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
        "about": {"en": "indexes there are and how often they were used", "zh": "现有索引及使用次数"},
        "columns": ["table", "index", "scans", "kilobytes"],
    },
    "sessions": {
        "about": {"en": "who is connected and does what", "zh": "当前会话：谁连着、在做什么"},
        "columns": ["pid", "program", "state", "waits_for", "seconds_so", "seconds_in_transaction", "last_statement"],
    },
    "locks": {
        "about": {"en": "locks that are waited for, and who holds them", "zh": "正在等待的锁以及持有者"},
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
