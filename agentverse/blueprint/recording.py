"""Recordings: tables of what somebody could look up at the time, such as an outage of a database."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agentverse.blueprint.names import Name
from agentverse.blueprint.sources import Layer
from agentverse.blueprint.text import Localized
from agentverse.errors import UsageError

FOLDER = "recordings"
_NAME = re.compile(r"[a-z0-9_-]{1,60}")
_LARGEST = 1024 * 1024
"""Bytes of a file."""

Cell = str | int | float | bool | None


class Table(BaseModel):
    """Rows of equal length."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: Localized = ""
    """What it shows, told to agents."""
    columns: list[str] = Field(min_length=1)
    rows: list[list[Cell]] = Field(default_factory=list[list[Cell]])

    @model_validator(mode="after")
    def _even(self) -> Table:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells and there are {len(self.columns)} columns")
        return self


class Recording(BaseModel):
    """What one file in ``recordings/`` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: dict[Name, Table] = Field(min_length=1)

    def only(self, names: Sequence[str]) -> Recording:
        """The tables of these names. Raises KeyError when there is none of a name."""
        return Recording(tables={name: self.tables[name] for name in names})


def find_recording(layers: Sequence[Layer], name: str) -> Recording:
    """The recording ``name``, of the first layer that has it.

    Raises:
        UsageError: there is none, or the file is none.
    """
    folders = [layer.folder / FOLDER for layer in layers]
    paths = [folder / f"{name}.json" for folder in folders] if _NAME.fullmatch(name) else []
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        there = sorted({path.stem for folder in folders for path in folder.glob("*.json")})
        raise UsageError(f"there is no recording {name!r}", fix=f"There are: {', '.join(there) or 'none'}.")
    if path.stat().st_size > _LARGEST:
        raise UsageError(f"the recording {name!r} is larger than {_LARGEST} bytes")
    try:
        return Recording.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise UsageError(f"the recording {name!r} cannot be read: {where}: {fault['msg']}") from error
