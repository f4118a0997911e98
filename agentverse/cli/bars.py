"""The progress bar that commands show on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Bar:
    """Shown from the first `show` until it is closed, and gone then.

    Args:
        counted: what is done is counted in bytes.
    """

    def __init__(self, *, counted: bool) -> None:
        from rich.console import Console
        from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

        more = (DownloadColumn(), TransferSpeedColumn()) if counted else ()
        columns = (*Progress.get_default_columns(), *more)
        self._drawn = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._drawn.add_task("", total=None)

    def show(self, what: str, done: int, total: int | None) -> None:
        """How far something is; ``total`` is None where that is not known."""
        self._drawn.start()
        self._drawn.update(self._task, description=what, completed=done, total=total)

    def close(self) -> None:
        self._drawn.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
