"""The same tests over both stores: an SQLite file, and a PostgreSQL server started for the session."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from agentverse.journal.store import open_journal

PROGRAMS = Path(__file__).parent / "programs"


def _postgres_folder():
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(on_path).parent if on_path else installed[-1].parent if installed else None


@pytest.fixture(scope="session")
def postgres_server():
    """The folder of the unix socket of a running server with the superuser ``agent``."""
    programs = _postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; try: sudo apt-get install -y postgresql")
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"

    def run(*command):
        done = subprocess.run(
            list(map(str, command)),
            user=user,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()

    try:
        run(programs / "initdb", "-D", data, "-U", "agent", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c fsync=off -k {folder}"
        run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield folder
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_place(tmp_path):
    return str(tmp_path / "runs" / "journal.db")


@pytest.fixture
def postgres_place(postgres_server):
    name = f"t{uuid4().hex}"
    with psycopg.connect(f"host={postgres_server} user=agent dbname=postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield f"postgresql://agent@/{name}?host={postgres_server}"
    # One by one, so that the folder of the whole server is soon gone at the end of the session.
    with psycopg.connect(f"host={postgres_server} user=agent dbname=postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request):
    """Where a journal may be opened: a path or a URL."""
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture
async def journals(place):
    """Opens journals at ``place``; each call is another one. They are closed at the end."""
    opened = []

    async def another():
        opened.append(await open_journal(place))
        return opened[-1]

    yield another
    for journal in reversed(opened):
        await journal.close()


@pytest.fixture
async def journal(journals):
    return await journals()


@pytest.fixture
def sql(place):
    """Runs one SQL statement at ``place`` behind the journal's back and returns the rows, if any."""
    from agentverse.journal.database import open_database

    def run(statement):
        database = open_database(place)
        try:
            with database.write_connection() as connection, connection.begin():
                result = connection.exec_driver_sql(statement)
                return result.all() if result.returns_rows else []
        finally:
            database.engine.dispose()

    return run


@pytest.fixture
def started(place):
    """Starts a program of ``programs/`` on ``place`` as another process."""
    processes = []

    def start(name):
        command = [sys.executable, str(PROGRAMS / name), place]
        processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return processes[-1]

    yield start
    for process in processes:
        with process:
            process.kill()
