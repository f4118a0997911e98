"""``look_up``: tables of what was recorded, as far as a seat may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import create_model

from agentverse.blueprint.recording import Cell, Recording, Table
from agentverse.blueprint.text import localize
from agentverse.tools.making import Arguments, made
from agentverse.tools.protocol import Bench, ToolFailed
from agentverse.tools.registry import RECORDED, tool
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

TIME = "second"
"""The column that ``since`` and ``until`` are about."""
_MOST = 40
"""Rows that are shown at once."""
_LONGEST = 1500
"""Characters of a cell that are shown."""


@tool(RECORDED)
def look_up(bench: Bench) -> BaseTool:
    """Rows of one table; those of a time where it has one, or in which a text stands."""
    recording, language = bench.recording, bench.language
    listed = "; ".join(_told(name, table, language) for name, table in _tables(recording))

    async def run(table: str, contains: str = "", since: float = 0.0, until: float = 0.0) -> str:
        found = dict(_tables(recording)).get(table)
        if found is None:
            raise ToolFailed(say("no_table", language, name=table[:80]))
        rows = _in_time(found, since, until)
        rows = [row for row in rows if not contains or contains.casefold() in _line(row).casefold()]
        whole = [say("no_time", language, name=table)] if (since or until) and TIME not in found.columns else []
        more = [say("more", language, count=len(rows) - _MOST)] if len(rows) > _MOST else []
        shown = [_line(row) for row in rows[:_MOST]] or [say("nothing", language)]
        return "\n".join([*whole, " | ".join(found.columns), *shown, *more])

    return made(RECORDED, say("about_look_up", language, tables=listed), _arguments(recording), run, reads=True)


def _tables(recording: Recording | None) -> list[tuple[str, Table]]:
    return list(recording.tables.items()) if recording is not None else []


def _told(name: str, table: Table, language: str) -> str:
    about = localize(table.about, language)
    return say("table", language, name=name, about=about) if about else name


def _arguments(recording: Recording | None) -> type[Arguments]:
    """The names of the tables are part of the form, so that a server which constrains replies allows no other."""
    one_of: Any = Literal
    table = one_of[tuple(recording.tables)] if recording is not None else str
    rest: dict[str, Any] = {"contains": (str, ""), "since": (float, 0.0), "until": (float, 0.0)}
    return create_model("LookUp", __base__=Arguments, table=(table, ...), **rest)


def _in_time(table: Table, since: float, until: float) -> Sequence[list[Cell]]:
    """Rows from ``since`` to ``until`` (0: to the end); all of a table that has no time."""
    if TIME not in table.columns:
        return table.rows
    at = table.columns.index(TIME)

    def within(cell: Cell) -> bool:
        return not isinstance(cell, int | float) or (cell >= since and (not until or cell <= until))

    return [row for row in table.rows if within(row[at])]


def _line(row: Sequence[Cell]) -> str:
    return " | ".join("" if cell is None else str(cell)[:_LONGEST] for cell in row)
