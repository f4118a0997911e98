"""The journal of one run, held by its one driver."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from agentverse.errors import AgentverseError
from agentverse.journal import lease as leases
from agentverse.journal import rows, tables
from agentverse.journal.commit import Stored, Write
from agentverse.journal.database import Database
from agentverse.journal.events import Entry, Event
from agentverse.journal.lease import Lease
from agentverse.journal.protocol import Command
from agentverse.journal.upgrade import EVENT_TYPES, dump, load
from agentverse.journal.writer import Writer


class DrivenRun:
    """See `agentverse.journal.protocol.RunJournal`. Made by the store.

    An entry always holds what reading it back would give, so that a run and its resumption see the same values: a tuple
    in a free field is a list from the start.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        lease: Lease,
        past: rows.Past,
        *,
        on_close: Callable[[DrivenRun], None],
    ) -> None:
        self.run = lease.run
        self.epoch = lease.epoch
        self.closed = False
        self._database = database
        self._writer = writer
        self._lease = lease
        self._entries = list(past.entries)
        self._committed = len(self._entries)
        self._known = {entry.key: entry for entry in self._entries}
        self._hashes = set(past.hashes)
        self._hidden: deque[Entry] = deque()
        self._pending: dict[str, _Pending] = {}
        self._next = len(self._entries) + 1
        self._failure: Exception | None = None
        self._failure_told = False
        self._changed = asyncio.Event()
        self._on_close = on_close
        writer.hold(lease)
