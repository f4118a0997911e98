"""What all routes share, and how they get it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from agentverse.errors import RunNotFound
from agentverse.journal.audience import Audience
from agentverse.journal.events import Entry
from agentverse.journal.protocol import Journal, RunRow
from agentverse.settings import Settings, load_settings
from agentverse.web.lookout import Lookout
from agentverse.web.tally import UNFINISHED, Prices, Tally

if TYPE_CHECKING:
    from agentverse.web.answering import Answering
    from agentverse.web.door import Door
    from agentverse.web.feed import Feeds
    from agentverse.web.guard import Here
    from agentverse.web.served import ManagedServer
    from agentverse.web.workshop import Workshop

TALLIES = 5000
"""Runs whose sums are kept."""
AT_ONCE = 1000
"""Entries that are counted before others have their turn."""
Announce = Callable[[str], None]
Options = Mapping[str, tuple[Any, str]]
"""Dotted path of a setting: value and the option that gave it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Entries of a run, and the number after which there are more; None at the end."""

    entries: list[Entry]
    next: int | None


@dataclass(eq=False, slots=True)
class _Counted:
    """The sums of a run. Whoever asks for them while they are being counted waits, and counts nothing again."""

    tally: Tally = field(default_factory=Tally)
    counting: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(eq=False)
class Web:
    """The server as its routes see it.

    Attributes:
        project: the folder it works in.
        options: what its command line said.
        address: of the page, without a token.
        announce: is given each link that opens a session.
        closing: set when it is about to end.
    """

    project: Path
    options: Options
    journal: Journal
    journal_name: str
    workshop: Workshop
    feeds: Feeds
    served: ManagedServer
    answering: Answering
    door: Door
    here: Here
    preview_here: Here
    address: str
    announce: Announce
    instance: str = field(default_factory=lambda: secrets.token_hex(6))
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    lookout: Lookout = field(default_factory=Lookout)
    _tallies: dict[tuple[str, float], _Counted] = field(default_factory=dict[tuple[str, float], "_Counted"])

    def settings(self, more: Options | None = None) -> Settings:
        """The settings as they are now.

        Args:
            more: what goes before everything else; None values are not said.

        Raises:
            SettingsError.
        """
        said = {path: given for path, given in (more or {}).items() if given[0] is not None}
        return load_settings(self.project, options={**self.options, **said})

    @property
    def mark(self) -> str:
        """Which reading of the list of runs is the latest."""
        return f"{self.instance}.{self.feeds.changes}"

    def renew_link(self) -> None:
        """Announce a link that opens one more session."""
        self.announce(f"{self.address}?token={self.door.new_token()}")

    async def row(self, run: str) -> RunRow:
        """The run with exactly this id.

        Raises:
            RunNotFound.
        """
        row = await self.journal.find(run)
        if row.id != run:
            raise RunNotFound(f"there is no run {run!r}")
        return row

    async def tally(self, row: RunRow) -> Tally:
        """What a run comes to by now; only what is new is read."""
        key = row.id, row.created  # another run may get the name of one that was removed
        counted = self._tallies[key] = self._tallies.pop(key, None) or _Counted()
        if len(self._tallies) > TALLIES:
            self._tallies.pop(next(iter(self._tallies)))
        tally = counted.tally
        async with counted.counting:
            while tally.seq < row.events:
                new = await self.journal.read(row.id, after=tally.seq, limit=AT_ONCE)
                if not new:
                    break
                tally.add(new)
        tally.audience.plays = row.state in UNFINISHED and self.workshop.asks(row.id)
        return tally

    async def audience(self, row: RunRow) -> Audience:
        """Whoever looks at a run here: while it is not over, the one who holds its seats of people."""
        return (await self.tally(row)).audience

    async def entries(self, row: RunRow) -> list[Entry]:
        """The entries of a run, as far as they are for whoever looks at it here."""
        return (await self.part(row)).entries

    async def part(self, row: RunRow, *, after: int = 0, limit: int | None = None) -> Part:
        """Some of the entries of a run, as far as they are for whoever looks at it here."""
        audience = await self.audience(row)
        found = await self.journal.read(row.id, after=after, limit=limit + 1 if limit else None)
        more = limit is not None and len(found) > limit
        seen = (audience.seen(entry) for entry in found[:limit])
        return Part([entry for entry in seen if entry is not None], found[limit - 1].seq if limit and more else None)


def web_of(request: Request) -> Web:
    """The server that a request came to."""
    web: Web = request.state.web
    return web


def prices_of(settings: Settings) -> Prices:
    """Tier: price of a million prompt and of a million completion tokens."""
    return {tier: (model.price_prompt, model.price_completion) for tier, model in settings.models.placed().items()}


TheWeb = Annotated[Web, Depends(web_of)]
