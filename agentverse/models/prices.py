"""What tokens cost: `prices.yaml`, and the user's file of the same form over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentverse.blueprint.document import Document, read_file, read_text
from agentverse.blueprint.explain import explain
from agentverse.errors import SettingsError

FILE = "prices.yaml"


class Price(NamedTuple):
    """Of a million tokens, in the currency the report is to speak of."""

    prompt: float
    completion: float


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Part):
    prompt: float = Field(ge=0)
    """Of a million prompt tokens."""
    completion: float = Field(ge=0)
    """Of a million completion tokens."""


class Table(_Part):
    """One file."""

    local: Row | None = None
    """Of models on this machine."""
    models: dict[str, Row] = Field(default_factory=dict[str, Row])
    """Pattern of a model's name: its price."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The tables, those that go first in front."""

    tables: Sequence[Table]

    def of(self, model: str, *, local: bool) -> Price | None:
        """The price of a model; None when no row fits.

        Args:
            local: it runs on this machine.
        """
        for table in self.tables:
            rows = [row for pattern, row in table.models.items() if fnmatchcase(model.casefold(), pattern.casefold())]
            if row := next(iter([*rows, *([table.local] if local and table.local else [])]), None):
                return Price(row.prompt, row.completion)
        return None


def load_prices(folder: Path) -> Prices:
    """The prices that ship, with those of ``folder`` over them.

    Raises:
        SettingsError: the file there is wrong; with its line.
    """
    tables = [_table(read_text(files("agentverse.models").joinpath(FILE).read_text("utf-8"), FILE))]
    path = folder / FILE
    if path.is_file():
        try:
            tables.insert(0, _table(read_file(path, str(path))))
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    return Prices(tables)


def _table(document: Document) -> Table:
    problems = document.problems
    if not problems:
        try:
            return Table.model_validate(document.data or {}, strict=True)
        except ValidationError as error:
            problems = explain(error, Table, document)
    first = problems[0]
    where = f"{first.where}: " if first.where else ""
    raise SettingsError(f"{first.file}:{first.line}: {where}{first.what}", fix=first.fix)
