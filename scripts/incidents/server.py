"""A PostgreSQL server of its own, in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "max_connections": "25",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_planning": "off",
    "log_line_prefix": "%n ",
    "log_lock_waits": "on",
    "deadlock_timeout": "500ms",
    "autovacuum_naptime": "1h",  # it would disturb the figures
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with the superuser ``dba`` and the database ``shop``."""

    folder: Path

    def connect(self, user: str, *, program: str = "") -> psycopg.Connection:
        """Raises psycopg.OperationalError."""
        where = f"host={self.folder} dbname=shop user={user} application_name={program or user}"
        return psycopg.connect(where, autocommit=True)

    @property
    def log(self) -> list[str]:
        return (self.folder / "log").read_text("utf-8", "replace").splitlines()

    def cpu_seconds(self) -> float:
        """What the server and its processes have used so far."""
        parent = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if int(stat.parent.name) == parent:
                ticks += sum(map(int, fields[11:15]))  # its own, and those of processes that have ended
            elif int(fields[1]) == parent:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None when PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(on_path).parent if on_path else installed[-1].parent if installed else None


@contextmanager
def running() -> Iterator[Server]:
    """A server while the block lasts.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
        subprocess.CalledProcessError: it does not start.
    """
    there = programs()
    if there is None:
        raise FileNotFoundError("PostgreSQL is not installed; try: sudo apt-get install -y postgresql")
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="incident-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(program: str, *words: str) -> None:
        command = [str(there / program), "-D", str(folder / "data"), *words]
        subprocess.run(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, check=True)  # noqa: S603

    try:
        run("initdb", "-U", "dba", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"{options} -k {folder}", "start")
        try:
            with psycopg.connect(f"host={folder} dbname=postgres user=dba", autocommit=True) as first:
                first.execute("CREATE DATABASE shop")
            yield Server(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
