"""Hostile programs, run for real on every backend, as root and as an ordinary user.

What counts is what happened to the host. What gets through must be declared with its reason, must be admitted by what
the backend says of itself, and must really get through.
"""

import os
from collections.abc import Iterator

import pytest

from tests.sandbox.attacks import declared
from tests.sandbox.attacks.catalogue import ATTACKS
from tests.sandbox.attacks.drive import NONE
from tests.sandbox.attacks.row import Row, started
from tests.sandbox.attacks.scene import PROGRAMS

PLACES = [(backend, who) for backend in ("bubblewrap", "landlock") for who in ("root", "user")]
ROWS = [
    *(pytest.param(place, id="-".join(place)) for place in PLACES),
    pytest.param(("container", "root"), id="container-root", marks=pytest.mark.container),
]
NAMES = sorted(ATTACKS, key=lambda name: ATTACKS[name].alone)
"""In the order in which they end."""


@pytest.fixture(scope="session", params=ROWS)
def row(request: pytest.FixtureRequest) -> Iterator[Row]:
    backend, who = request.param
    if who == "root" and os.geteuid() != 0:
        pytest.skip("only root can be root")
    engine = request.getfixturevalue("container") if backend == "container" else None
    wanted = [item.callspec.params for item in request.session.items if "attack" in getattr(item, "fixturenames", ())]
    names = [params["attack"] for params in wanted if params.get("row") == request.param]
    more = {"image": engine._image, "runtime": engine._runtime} if engine else {}
    with started(backend, who, names, **more) as row:
        if "unavailable" in row.info:
            pytest.skip(f"{row.info['unavailable']}: {row.info['fix']}")
        yield row


@pytest.mark.timeout(400)  # the first waits for all that run beside it
@pytest.mark.parametrize("attack", NAMES)
def test_what_gets_through_is_what_is_declared(row: Row, attack: str) -> None:
    outcome = row.outcome(attack)
    backend, enforced = row.info["backend"], row.info["enforced"]
    lacks = declared.untried(backend, enforced, attack, ATTACKS[attack].needs)
    assert bool(outcome.untried) is bool(lacks), f"{lacks or 'it can be tried'}, but {outcome}"
    known = declared.expected(backend, enforced).get(attack)
    if known is None:
        assert outcome.through == ""
    else:
        assert outcome.through, f"{known.why}; but it was stopped, so {backend} says too little of itself"


@pytest.mark.timeout(200)
def test_without_a_sandbox_the_same_attacks_get_through() -> None:
    with started(NONE, "user", declared.REAL) as row:
        stopped = [name for name in declared.REAL if not row.outcome(name).through]
    assert stopped == []


def test_there_are_many_attacks_and_each_has_its_program() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(ATTACKS)
    assert len(ATTACKS) > 80
    assert {one.attack for one in declared.DECLARED} <= set(ATTACKS)
