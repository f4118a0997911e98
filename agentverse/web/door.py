"""Who is let in: tokens of links, each good for one session; a password; and the cookies that come of either."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path

DAYS = 30
"""A session lasts."""
TRIES, WITHIN = 10, 60.0
"""Wrong passwords, in so many seconds, after which none is looked at."""
FILE = "web-secret"
"""Holds what signs cookies, in the user's state folder."""


class Door:
    """Opens sessions and knows them again, also after a restart: a cookie is signed, and nothing is kept of it.

    Args:
        secret: signs cookies.
        port: cookies of servers at other ports of the same host are other ones.
        password: also opens a session; "" for none. Another password ends all sessions.
    """

    def __init__(self, secret: bytes, *, port: int, password: str = "") -> None:
        self.cookie_name = f"agentverse_{port}"
        self._password = password.encode()
        self._key = hmac.digest(secret, b"session" + self._password, "sha256")
        self._tokens: set[str] = set()
        self._used: set[str] = set()
        self._ended: set[str] = set()
        self._wrong: list[float] = []

    @property
    def has_password(self) -> bool:
        return bool(self._password)

    def new_token(self) -> str:
        """A token for one session."""
        token = secrets.token_urlsafe(24)
        self._tokens.add(_hashed(token))
        return token

    def use(self, token: str) -> bool:
        """Whether ``token`` opens a session. It does so once."""
        known = _hashed(token)
        if known not in self._tokens:
            return False
        self._tokens.discard(known)
        self._used.add(known)
        return True

    def was_used(self, token: str) -> bool:
        return _hashed(token) in self._used

    @property
    def tired(self) -> bool:
        """Too many wrong passwords came of late."""
        since = time.monotonic() - WITHIN
        self._wrong = [when for when in self._wrong if when > since]
        return len(self._wrong) >= TRIES

    def knows(self, password: str) -> bool:
        """Whether it is the password."""
        right = self.has_password and hmac.compare_digest(password.encode("utf-8", "replace"), self._password)
        if not right:
            self._wrong.append(time.monotonic())
        return right

    def cookie(self) -> str:
        """The value of the cookie of a new session."""
        said = f"{int(time.time()) + DAYS * 86_400}.{secrets.token_urlsafe(12)}"
        return f"{said}.{self._sign(said)}"

    def holds(self, cookie: str) -> bool:
        """Whether the cookie is that of a session."""
        said, _, signature = cookie.rpartition(".")
        until = said.partition(".")[0]
        fine = hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(said).encode())
        return fine and until.isascii() and until.isdigit() and int(until) > time.time() and said not in self._ended

    def end(self, cookie: str) -> None:
        """End a session, as long as this server lives; the cookie is taken back from the browser as well."""
        self._ended.add(cookie.rpartition(".")[0])

    def sign(self, what: str) -> str:
        """An address that nobody can guess, the same after a restart."""
        return self._sign(f"address {what}")

    def _sign(self, said: str) -> str:
        return hmac.digest(self._key, said.encode("utf-8", "replace"), "sha256").hex()[:40]


def read_secret(folder: Path) -> bytes:
    """The secret of this user's servers, made when it is missing; nobody else can read it.

    Raises:
        OSError: it can be neither read nor made.
    """
    path = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_bytes()
        if len(kept) >= 32:
            return kept
        path.unlink()
        return read_secret(folder)
    with os.fdopen(handle, "wb") as file:
        file.write(secret := secrets.token_bytes(32))
    return secret


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
