"""One backend as one user: a running driver, and the outcomes it has told so far."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.attacks import somebody
from tests.sandbox.attacks.drive import Outcome


@dataclass
class Row:
    """Made by `started`."""

    process: subprocess.Popen[str]
    said: Any
    """File of what the driver said on stderr."""
    info: dict[str, Any] = field(default_factory=dict[str, Any])
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])

    def outcome(self, name: str) -> Outcome:
        """What came of an attack; waits for it."""
        while name not in self.outcomes:
            told = self._next()
            self.outcomes[told["name"]] = Outcome(**told)
        return self.outcomes[name]

    def _next(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.said.seek(0)
            raise AssertionError(f"the driver of attacks ended: {self.said.read()[-2000:]}")
        return json.loads(line)


@contextlib.contextmanager
def started(backend: str, who: str, names: Sequence[str], *, image: str = "", runtime: str = "") -> Iterator[Row]:
    """Start the driver for these attacks.

    Args:
        backend: its name.
        who: ``root`` or ``user``.
        names: of attacks.
        image, runtime: of containers.
    """
    with contextlib.ExitStack() as undo:
        run_as = undo.enter_context(somebody.user()) if who == "user" else somebody.root()
        said = undo.enter_context(tempfile.TemporaryFile("w+"))
        words = [*run_as.words, sys.executable, "-m", "tests.sandbox.attacks.drive"]
        words += [f"--image={image}", f"--runtime={runtime}", backend, *names]
        process = subprocess.Popen(
            words, env=run_as.env, cwd=somebody.ROOT, stdout=subprocess.PIPE, stderr=said, text=True
        )
        undo.callback(_end, process)
        row = Row(process, said)
        row.info = row._next()
        yield row


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate()
