"""Who drives a run: one process at a time, known by a heartbeat in the run's row and held off by a fencing epoch."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from agentverse.errors import RunBusy, RunFenced, RunNotFound, UsageError
from agentverse.journal import tables

BEAT = 5.0
"""Seconds between heartbeats."""
TTL = 20.0
"""Seconds without a heartbeat after which a driver counts as gone. Hosts that share a journal keep their clocks closer
than this."""


class Owner(NamedTuple):
    """A process that drives runs."""

    host: str
    machine: str
    """Boot and process-id namespace; "" when unknown. Only within one of them can a process be looked up by its id."""
    pid: int
    began: str
    """When the process started, so that a reused process id is not taken for it."""


class Lease(NamedTuple):
    """A run held by this process."""

    ref: int
    run: str
    epoch: int
    events: int


def this_process() -> Owner:
    pid = os.getpid()
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        machine = f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        machine = ""
    return Owner(socket.gethostname(), machine, pid, process_start(pid) or "")


def process_start(pid: int) -> str | None:
    """When the process ``pid`` of this machine started, in ticks since boot; None when it is dead."""
    try:
        # The name of the program, in brackets, may hold anything; what follows the last bracket is plain.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else fields[19].decode()


def is_live(row: Row[Any], now: float, me: Owner) -> bool:
    """Whether the driver named in a row of the table ``run`` still drives it at ``now``."""
    if row.state != "running" or now - row.beat > TTL:
        return False
    return not (me.machine and row.machine == me.machine and process_start(row.pid) != row.began)


def create(connection: Connection, owner: Owner, now: float, **fields: Any) -> Lease:
    """A new run, held by ``owner``.

    Raises:
        UsageError: there is a run with this id.
    """
    values = {"state": "running", "created": now, "ended": None, "events": 0, "epoch": 1, "beat": now, **fields}
    try:
        made = connection.execute(insert(tables.run).values(**values, **owner._asdict()))
    except IntegrityError as error:
        raise UsageError(
            f"there is a run {fields['id']!r} already", fix="Choose another name, or resume it."
        ) from error
    assert made.inserted_primary_key is not None
    return Lease(made.inserted_primary_key[0], fields["id"], 1, 0)


def take(connection: Connection, run: str, owner: Owner, now: float) -> Lease:
    """The run ``run``, held by ``owner`` from now on; whoever had it is fenced off.

    Raises:
        RunNotFound, RunBusy.
    """
    row = connection.execute(select(tables.run).where(tables.run.c.id == run).with_for_update()).one_or_none()
    if row is None:
        raise RunNotFound(f"there is no run {run!r}")
    refuse_live(row, now, owner)
    values = {"state": "running", "ended": None, "epoch": row.epoch + 1, "beat": now, **owner._asdict()}
    connection.execute(update(tables.run).where(tables.run.c.ref == row.ref).values(**values))
    return Lease(row.ref, run, row.epoch + 1, row.events)


def refuse_live(row: Row[Any], now: float, me: Owner) -> None:
    """Raises RunBusy when somebody drives the run of ``row``."""
    if is_live(row, now, me):
        raise RunBusy(
            f"run {row.id!r} is driven by another process (pid {row.pid} on {row.host})",
            fix="Watch it instead, or stop that process first.",
        )


def release(connection: Connection, lease: Lease, state: str, now: float) -> None:
    """Give a run up in ``state``. One that another driver has is left to it when nothing is claimed about its end.

    Raises:
        RunFenced: another driver has it, and ``state`` is an end.
    """
    ended = None if state == "interrupted" else now
    done = connection.execute(
        update(tables.run)
        .where(tables.run.c.ref == lease.ref, tables.run.c.epoch == lease.epoch)
        .values(state=state, ended=ended)
    )
    if done.rowcount != 1 and state != "interrupted":
        raise fenced(lease.run)


def require(connection: Connection, lease: Lease) -> None:
    """Raises RunFenced when ``lease`` is no longer held."""
    query = select(tables.run.c.epoch).where(tables.run.c.ref == lease.ref).with_for_update()
    if connection.execute(query).scalar_one_or_none() != lease.epoch:
        raise fenced(lease.run)


def fenced(run: str) -> RunFenced:
    return RunFenced(f"another process has taken over run {run!r}; this one may not write to it any more")
