"""Make a real PostgreSQL misbehave and record what its administrator sees, into ``recordings/``.

Nothing in a recording names the cause; the environment that scores answers does.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from scripts.incidents.columns import COLUMNS
from scripts.incidents.server import Server, running
from scripts.incidents.shop import Shop, opened
from scripts.incidents.watch import Rows, Watch

FOLDER = Path(__file__).parents[2] / "recordings"
INTERVAL = 0.5
"""Seconds between two samples."""

Trouble = Callable[[Server, Shop], AbstractContextManager[None]]


@contextmanager
def _dropped_index(server: Server, shop: Shop) -> Iterator[None]:
    with server.connect("dba") as dba:
        dba.execute("DROP INDEX orders_customer")
    yield


@contextmanager
def _forgotten_transaction(server: Server, shop: Shop) -> Iterator[None]:
    """Somebody changes every item by hand and goes away without an end."""
    with server.connect("shop", program="psql") as somebody:
        somebody.execute("BEGIN")
        somebody.execute("UPDATE stock SET pieces = pieces + 10")
        yield
        somebody.execute("ROLLBACK")


@contextmanager
def _leaking_connections(server: Server, shop: Shop) -> Iterator[None]:
    shop.leaks.set()
    yield


TROUBLES: dict[str, Trouble] = {
    "slow_pages": _dropped_index,
    "stuck_checkout": _forgotten_transaction,
    "refused_customers": _leaking_connections,
}


def record(name: str, *, calm: float = 3.0, trouble: float = 6.0) -> dict[str, Any]:
    """The incident ``name`` as a recording.

    Args:
        calm: seconds before the trouble.
        trouble: seconds of it.
    """
    with running() as server, opened(server) as shop, server.connect("dba") as dba:
        shop.taken()
        watch = Watch(server, shop, dba)
        _sample(watch, calm)
        watch.mark()
        before = len(watch.requests)
        with TROUBLES[name](server, shop):
            _sample(watch, trouble)
            seen = watch.now()
        seen |= {"metrics": watch.metrics, "requests": watch.requests, "alarms": alarms(watch.requests, before)}
    return {"tables": {table: {**COLUMNS[table], "rows": seen[table]} for table in COLUMNS}}


def _sample(watch: Watch, seconds: float) -> None:
    for _ in range(round(seconds / INTERVAL)):
        time.sleep(INTERVAL)
        watch.sample()


def alarms(requests: Rows, calm: int) -> Rows:
    """When each figure of the shop first was far from usual: second, figure, value, usual value.

    Args:
        calm: so many rows are from before the trouble.
    """
    names = COLUMNS["requests"]["columns"]
    found: Rows = []
    for column in range(1, len(names)):
        usual = sorted(row[column] for row in requests[:calm])[calm // 2]
        for row in requests[calm:]:
            value = row[column]
            if value is not None and (value < usual / 2 if column == 1 else value > max(2 * usual, 1)):
                found.append([row[0], names[column], value, usual])
                break
    return sorted(found)


def main() -> None:
    """Record all incidents, or those named."""
    parser = argparse.ArgumentParser(prog="python -m scripts.incidents", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(TROUBLES)}; all when left out")
    names: list[str] = parser.parse_args().names
    if unknown := [name for name in names if name not in TROUBLES]:
        parser.error(f"there is no incident {unknown[0]!r}")
    for name in names or TROUBLES:
        path = FOLDER / f"{name}.json"
        path.write_text(written(record(name)), encoding="utf-8")
        print(f"{path}: {path.stat().st_size} bytes")  # noqa: T201


def written(recording: dict[str, Any]) -> str:
    """JSON with a line for each row."""
    tables: list[str] = []
    for name, table in recording["tables"].items():
        head = json.dumps({key: value for key, value in table.items() if key != "rows"}, ensure_ascii=False)
        rows = ",\n".join(f"   {json.dumps(row, ensure_ascii=False)}" for row in table["rows"])
        tables.append(f'  "{name}": {head[:-1]}, "rows": [\n{rows}\n  ]}}')
    return '{\n "tables": {\n' + ",\n".join(tables) + "\n }\n}\n"


if __name__ == "__main__":
    main()
