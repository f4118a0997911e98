"""Prints what became of every attack on every sandbox of this machine, as a table.

    make attacks

``·`` is stopped, ``X`` got through as declared, ``!`` got through and must not, ``?`` was stopped though declared,
``-`` cannot be tried there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.sandbox.attacks import declared
from tests.sandbox.attacks.catalogue import ATTACKS
from tests.sandbox.attacks.drive import Outcome
from tests.sandbox.attacks.row import started

ROWS = (
    ("bubblewrap", "root"),
    ("bubblewrap", "user"),
    ("container", "root"),
    ("landlock", "root"),
    ("landlock", "user"),
)


def main() -> None:
    """Run them all, one backend after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", default="", help="of containers")
    parser.add_argument("--runtime", default="", help="of containers")
    options = parser.parse_args()
    columns: dict[str, dict[str, str]] = {}
    wrong: list[str] = []
    for backend, who in ROWS:
        if who == "root" and os.geteuid() != 0:
            continue
        with started(backend, who, [], image=options.image, runtime=options.runtime) as row:
            if "unavailable" in row.info:
                print(f"{backend} as {who} is left out: {row.info['unavailable']}", file=sys.stderr)
                continue
            outcomes = {name: row.outcome(name) for name in ATTACKS}
            column = columns[f"{backend} as {who}"] = {}
            for name, outcome in outcomes.items():
                column[name] = _mark(row.info, outcome)
                if column[name] in "!?":
                    wrong.append(f"{backend} as {who}, {name}: {outcome.through or outcome.untried or 'stopped'}")
    print(*_table(columns), *wrong, sep="\n")
    sys.exit(bool(wrong))


def _mark(info: Mapping[str, Any], outcome: Outcome) -> str:
    backend, enforced = info["backend"], info["enforced"]
    if outcome.untried:
        return "-" if declared.untried(backend, enforced, outcome.name, ATTACKS[outcome.name].needs) else "?"
    known = outcome.name in declared.expected(backend, enforced)
    return ("X" if known else "!") if outcome.through else "?" if known else "·"


def _table(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield f"| attack | what holds when it is stopped | {' | '.join(columns)} |"
    yield "|---|---|" + "---|" * len(columns)
    for name, attack in ATTACKS.items():
        yield f"| {name} | {attack.claim} | {' | '.join(column[name] for column in columns.values())} |"
    counts = [sum(mark in "X!" for mark in column.values()) for column in columns.values()]
    yield f"| {len(ATTACKS)} attacks | get through | {' | '.join(map(str, counts))} |"


if __name__ == "__main__":
    main()
