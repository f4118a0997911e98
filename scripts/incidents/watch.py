"""What a database administrator sees of the server: samples over time, and tables of one moment."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from scripts.incidents.server import Server
from scripts.incidents.shop import BUY, HISTORY, LOGIN, Shop

Rows = list[list[Any]]
_DATABASE = "SELECT xact_commit, tup_returned, blks_hit, blks_read FROM pg_stat_database WHERE datname = 'shop'"
_COUNTS = """
SELECT count(*), count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state = 'idle'),
  count(*) FILTER (WHERE state = 'idle in transaction'), count(*) FILTER (WHERE wait_event_type = 'Lock')
FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'shop'
"""
_SLOW = """
SELECT query, calls, round(mean_exec_time::numeric, 2)::float, NULL, round(max_exec_time::numeric, 2)::float, rows,
  shared_blks_hit, shared_blks_read
FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
WHERE rolname = 'shop' AND query ~ '^(SELECT|UPDATE)' ORDER BY total_exec_time DESC LIMIT 6
"""
_MEANS = "SELECT query, round(mean_exec_time::numeric, 2)::float FROM pg_stat_statements"
_SESSIONS = """
SELECT pid, application_name, state, coalesce(wait_event_type || ': ' || wait_event, ''),
  round(extract(epoch FROM now() - state_change)::numeric, 1)::float,
  round(extract(epoch FROM now() - xact_start)::numeric, 1)::float, query
FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'shop'
ORDER BY xact_start NULLS LAST, state_change LIMIT 24
"""
_LOCKS = """
SELECT a.pid, l.locktype, l.mode, round(extract(epoch FROM now() - a.query_start)::numeric, 1)::float, a.query,
  array_to_string(pg_blocking_pids(a.pid), ', ')
FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted ORDER BY a.query_start LIMIT 12
"""
_TABLES = """
SELECT relname, n_live_tup, n_dead_tup, pg_table_size(relid) / 1024, seq_scan, seq_tup_read, idx_scan,
  CASE WHEN last_analyze IS NULL THEN 'never' ELSE 'today' END
FROM pg_stat_user_tables ORDER BY relname
"""
_INDEXES = """
SELECT s.relname, indexdef, idx_scan, pg_relation_size(indexrelid) / 1024
FROM pg_stat_user_indexes s JOIN pg_indexes i ON i.indexname = s.indexrelname ORDER BY 1, 2
"""
_SHOWN = [
    "max_connections", "superuser_reserved_connections", "shared_buffers", "work_mem", "effective_cache_size",
    "max_wal_size", "checkpoint_timeout", "random_page_cost", "statement_timeout", "lock_timeout",
    "idle_in_transaction_session_timeout", "idle_session_timeout", "deadlock_timeout", "autovacuum",
    "max_worker_processes",
]  # fmt: skip
_LOG = re.compile(r"^(\d+\.\d+) (ERROR|FATAL|WARNING|LOG|DETAIL|HINT|CONTEXT|STATEMENT):\s+(.*)$")
_MOST_LINES = 16


@dataclass
class Watch:
    """Samples the server and the shop; see `sample`, `now`."""

    server: Server
    shop: Shop
    dba: psycopg.Connection
    metrics: Rows = field(default_factory=list)
    requests: Rows = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = self._last = time.monotonic()
        self._began_at = time.time()
        self._before = self._totals()
        self._means: dict[str, float] = {}
        self._tables_before: dict[str, list[Any]] = {}
        self._indexes_before: dict[str, list[Any]] = {}

    @property
    def second(self) -> float:
        return round(time.monotonic() - self._began, 1)

    def _totals(self) -> list[float]:
        return [*self._rows(_DATABASE)[0], self.server.cpu_seconds()]

    def sample(self) -> None:
        """One row of metrics and one of requests, of the time since the last."""
        totals, took = self._totals(), time.monotonic() - self._last
        commits, rows, hit, read, cpu = (new - old for new, old in zip(totals, self._before, strict=True))
        self._before, self._last = totals, time.monotonic()
        cached = round(100 * hit / (hit + read), 1) if hit + read else 100.0
        counts = self._rows(_COUNTS)[0]
        self.metrics.append([
            self.second, round(commits / took), *counts, round(rows / took), cached, round(100 * cpu / took),
        ])  # fmt: skip
        seen = self.shop.taken()
        ended = seen.done + seen.failed
        mean = round(1000 * seen.seconds / ended, 1) if ended else None
        slowest = round(1000 * seen.slowest, 1) if ended else None
        self.requests.append([self.second, round(seen.done / took), round(seen.failed / took), mean, slowest])

    def mark(self) -> None:
        """The trouble begins: what counts, counts from here."""
        self._means = {query: mean for query, mean in self._rows(_MEANS)}
        self._tables_before = {row[0]: row for row in self._rows(_TABLES)}
        self._indexes_before = {row[1]: row for row in self._rows(_INDEXES)}
        self.dba.execute("SELECT pg_stat_statements_reset()")

    def now(self) -> dict[str, Rows]:
        """The tables of this moment."""
        return {
            "slow_queries": [[*row[:3], self._means.get(row[0]), *row[4:]] for row in self._rows(_SLOW)],
            "sessions": self._rows(_SESSIONS),
            "locks": self._rows(_LOCKS),
            "tables": [since(row, self._tables_before.get(row[0]), (4, 5, 6)) for row in self._rows(_TABLES)],
            "indexes": [since(row, self._indexes_before.get(row[1]), (2,)) for row in self._rows(_INDEXES)],
            "settings": [[name, self._rows(f"SHOW {name}")[0][0]] for name in _SHOWN],
            "plans": [self._plan(said) for said in (HISTORY, LOGIN, BUY)],
            "log": self.log(),
        }

    def _plan(self, said: str) -> list[str]:
        how = "EXPLAIN" if said is BUY else "EXPLAIN (ANALYZE, BUFFERS, SUMMARY OFF)"
        plan = [str(line) for (line,) in self._rows(f"{how} {said.format(7)}")]
        return [said.format("$1"), "\n".join(plan)]

    def log(self) -> Rows:
        """What the server wrote since the watch began; lines that say the same are counted."""
        found: dict[str, list[Any]] = {}
        for line in self.server.log:
            said = _LOG.match(line)
            if said is None or float(said[1]) < self._began_at or "pg_stat" in line:
                continue
            same = re.sub(r"\d+(\.\d+)?", "#", said[3])
            if same in found:
                found[same][-1] += 1
            elif len(found) < _MOST_LINES:
                found[same] = [round(float(said[1]) - self._began_at, 1), said[2], said[3], 1]
        return list(found.values())

    def _rows(self, query: str) -> Rows:
        return [list(row) for row in self.dba.execute(query).fetchall()]


def since(row: Sequence[Any], before: Sequence[Any] | None, columns: Collection[int]) -> list[Any]:
    """A row whose counters, in ``columns``, count from ``before`` on; what an index counted is gone with it."""
    if before is None:
        return list(row)
    return [max(0, (cell or 0) - (before[at] or 0)) if at in columns else cell for at, cell in enumerate(row)]
