"""Runs a program as a user of this machine who owns nothing but an empty home, when the tests are run by root."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

USER = 64007
"""Of nobody's."""
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Somebody:
    """Who, as words to put before a command, and the environment to run it in."""

    words: tuple[str, ...]
    env: dict[str, str]


def root() -> Somebody:
    """Ourselves."""
    return Somebody((), {**os.environ, "PYTHONPATH": str(ROOT)})


@contextlib.contextmanager
def user() -> Iterator[Somebody]:
    """An ordinary user, who can read our checkout and our interpreter even where they lie in root's home."""
    if os.geteuid() != 0:
        yield root()
        return
    home = Path(tempfile.mkdtemp(prefix="agentverse-home-"))
    try:
        os.chown(home, USER, USER)
        words = [shutil.which("bwrap") or "bwrap", "--dev-bind", "/", "/", *_shown(), "--"]
        words += ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--inh-caps=-all", "--"]
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        yield Somebody(tuple(words), env)
    finally:
        shutil.rmtree(home)


def _shown() -> Sequence[str]:
    """Words that have bwrap cover the folders the user cannot enter by ones with nothing but what they are to see."""
    words: list[str] = []
    for path in dict.fromkeys(Path(p).resolve() for p in (ROOT, sys.prefix, sys.base_prefix)):
        closed = next((each for each in reversed(path.parents) if not each.stat().st_mode & 0o001), None)
        if closed is not None:
            cover = ["--perms", "0755", "--tmpfs", str(closed)]
            words = [*cover, *words] if str(closed) not in words else words
            words += ["--ro-bind", str(path), str(path)]
    return words
