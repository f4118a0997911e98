"""Tokens, cookies and passwords by themselves."""

from __future__ import annotations

import stat
from pathlib import Path

from agentverse.web.door import TRIES, Door, read_secret

SECRET = b"s" * 32


def test_a_token_opens_one_session() -> None:
    door = Door(SECRET, port=1)
    token = door.new_token()
    assert door.use(token)
    assert not door.use(token)
    assert door.was_used(token)
    assert not door.was_used("another")


def test_a_cookie_is_known_again_after_a_restart_and_at_no_other_secret_or_password() -> None:
    cookie = Door(SECRET, port=1, password="long enough").cookie()
    assert Door(SECRET, port=1, password="long enough").holds(cookie)
    assert not Door(SECRET, port=1, password="another one").holds(cookie)
    assert not Door(b"t" * 32, port=1, password="long enough").holds(cookie)


def test_a_changed_or_made_up_cookie_is_none() -> None:
    door = Door(SECRET, port=1)
    until, nonce, signature = door.cookie().split(".")
    assert not door.holds(f"{int(until) + 1}.{nonce}.{signature}")
    assert not door.holds(f"{until}.{nonce}.{signature[:-1]}")
    for made_up in ("", ".", "..", "é.é.é", f"{until}.{nonce}.é", "9" * 5000):
        assert not door.holds(made_up)


def test_a_session_that_was_ended_is_over() -> None:
    door = Door(SECRET, port=1)
    cookie = door.cookie()
    door.end(cookie)
    assert not door.holds(cookie)


def test_too_many_wrong_passwords_make_it_tired() -> None:
    door = Door(SECRET, port=1, password="long enough")
    assert door.knows("long enough")
    for _ in range(TRIES):
        assert not door.tired
        assert not door.knows("wrong")
    assert door.tired


def test_without_a_password_no_word_opens_it() -> None:
    assert not Door(SECRET, port=1).knows("")


def test_only_the_user_can_read_the_secret_and_it_stays(tmp_path: Path) -> None:
    secret = read_secret(tmp_path / "state")
    assert len(secret) == 32
    assert read_secret(tmp_path / "state") == secret
    (file,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    read_secret(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"")
    assert len(read_secret(tmp_path)) == 32
