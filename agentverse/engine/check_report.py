"""Where the checks write down what they find."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentverse.blueprint.company import Company, Phase
from agentverse.blueprint.document import FieldPath, dotted
from agentverse.blueprint.resolved import Resolved
from agentverse.errors import Problem


@dataclass(slots=True)
class Report:
    """Problems of one company."""

    resolved: Resolved
    problems: list[Problem] = field(default_factory=list[Problem])

    @property
    def company(self) -> Company:
        return self.resolved.company

    @property
    def phases(self) -> dict[str, Phase]:
        return self.company.phases

    def error(self, path: FieldPath, what: str, fix: str | None = None, *, at_key: bool = False) -> None:
        """A problem of the field at ``path``: of its value, or of its name."""
        place = self.resolved.place(path)
        line, column = (place.key_line, place.key_column) if at_key else (place.line, place.column)
        self._add(path, place.file, line, column, what, fix, "error")

    def warning(self, path: FieldPath, what: str, fix: str | None = None) -> None:
        self._add(path, *self.resolved.locate(path), what, fix, "warning")

    def inside(
        self,
        path: FieldPath,
        text: str,
        line: int,
        needle: str,
        what: str,
        fix: str | None = None,
        *,
        severity: str = "error",
    ) -> None:
        """A problem at ``needle`` on the given line of the text that is the value of the field at ``path``."""
        place = self.resolved.place(path)
        self._add(path, place.file, *place.inside(text, line, needle), what, fix, severity)

    def _add(
        self, path: FieldPath, file: str, line: int, column: int, what: str, fix: str | None, severity: str
    ) -> None:
        self.problems.append(Problem(file, line, column, dotted(path), what, fix, severity))
