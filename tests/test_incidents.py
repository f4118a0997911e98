"""The incidents that are shipped come from a real PostgreSQL, which misbehaves again when it is asked to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentverse.blueprint.load import Library
from agentverse.blueprint.recording import Recording
from scripts.incidents.__main__ import FOLDER, TROUBLES, alarms, record, written
from scripts.incidents.columns import COLUMNS
from scripts.incidents.server import programs

SHORT = {"calm": 1.0, "trouble": 2.0}


def column(recording, table, name):
    shown = recording.tables[table]
    return [row[shown.columns.index(name)] for row in shown.rows]


def recorded_now(name):
    if programs() is None:
        pytest.skip("PostgreSQL is not installed; try: sudo apt-get install -y postgresql")
    return Recording.model_validate(json.loads(written(record(name, **SHORT))))


def seen_stuck(recording) -> None:
    assert max(column(recording, "metrics", "waiting_for_locks")[-2:]) > 0
    (holder,) = [row[0] for row in recording.tables["sessions"].rows if row[1] == "psql"]
    assert str(holder) in ", ".join(column(recording, "locks", "blocked_by_pids"))
    assert column(recording, "requests", "done_per_s")[-1] == 0
    assert [text for text in column(recording, "log", "text") if "still waiting" in text]


def seen_slow(recording) -> None:
    assert not [index for index in column(recording, "indexes", "index") if "customer_id" in index]
    slowest = column(recording, "slow_queries", "statement")[0]
    assert "customer_id" in slowest
    (plan,) = [row[1] for row in recording.tables["plans"].rows if "customer_id" in row[0]]
    assert "Seq Scan on orders" in plan
    assert "Rows Removed by Filter: 199900" in plan


def seen_refused(recording) -> None:
    assert max(column(recording, "metrics", "connections")) > 15
    assert {"idle"} == set(column(recording, "sessions", "state")[:10])
    assert [text for text in column(recording, "log", "text") if "connection slots" in text or "too many" in text]
    assert column(recording, "requests", "failed_per_s")[-1] > 0


SEEN = {"slow_pages": seen_slow, "stuck_checkout": seen_stuck, "refused_customers": seen_refused}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_shipped_recording_shows_the_trouble_and_is_small(name) -> None:
    path = FOLDER / f"{name}.json"
    recording = Recording.model_validate_json(path.read_bytes())
    SEEN[name](recording)
    assert list(recording.tables) == list(COLUMNS)
    assert recording.tables["alarms"].rows
    assert path.stat().st_size < 12_000


def test_a_server_that_is_made_to_misbehave_does() -> None:
    recording = recorded_now("stuck_checkout")
    seen_stuck(recording)
    assert column(recording, "requests", "done_per_s")[0] > 0
    assert column(recording, "metrics", "waiting_for_locks")[0] == 0


def test_every_recording_has_a_known_answer_in_the_room() -> None:
    environment = Library.default(Path(__file__).parents[1]).load_environment("incident_room")
    assert {path.stem for path in FOLDER.glob("*.json")} == set(TROUBLES)
    for name in TROUBLES:
        assert f"'{name}': " in environment.world["known"]["value"]


def test_an_alarm_is_the_first_figure_far_from_the_usual() -> None:
    calm = [[0.5, 100, 0, 10.0, 20.0]] * 3
    trouble = [[2.0, 90, 0, 15.0, 39.0], [2.5, 40, 2, None, None], [3.0, 0, 9, 30.0, 50.0]]
    assert alarms([*calm, *trouble], 3) == [
        [2.5, "done_per_s", 40, 100],
        [2.5, "failed_per_s", 2, 0],
        [3.0, "mean_ms", 30.0, 10.0],
        [3.0, "slowest_ms", 50.0, 20.0],
    ]
