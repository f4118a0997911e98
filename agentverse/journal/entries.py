"""The entries of a run that is driven: the newest in memory, older ones read from the store when they are asked for.

So a run of ten thousand turns takes the memory of one of a thousand, apart from its keys.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from agentverse.journal.events import Entry

NEWEST = 4096
"""Entries that stay in memory once they are committed."""
_SPARE = 512
"""So many beyond them are let go at once."""
PAGE = 256
"""Older entries that are read at once; a run that is resumed asks for them roughly in order."""
_PAGES = 16
"""Pages of older entries that stay in memory."""


class HasEntries(Protocol):
    """A run as its driver or a notebook has it."""

    def entries(self, after: int = 0, most: int | None = None) -> Sequence[Entry]: ...


def stream(run: HasEntries, after: int = 0) -> Iterator[Entry]:
    """The entries of a run with numbers above ``after``, of which only a page at a time is in memory."""
    while page := run.entries(after, PAGE):
        yield from page
        after = page[-1].seq


class Entries:
    """The entries of one run that may be seen.

    Args:
        keys: those of the entries that the store holds, in order.
        read: reads the entries after a number, at most so many, from the store.
    """

    def __init__(self, keys: Iterable[str], read: Callable[[int, int], Sequence[Entry]]) -> None:
        self.numbers = {key: number for number, key in enumerate(keys, start=1)}
        """Key: number. A key may be known before its entry may be seen."""
        self._read = read
        self._stored = len(self.numbers)
        """So many are in the store alone."""
        self._newest: list[Entry] = []
        self._pages: OrderedDict[int, Sequence[Entry]] = OrderedDict()

    def __len__(self) -> int:
        return self._stored + len(self._newest)

    def add(self, entry: Entry) -> None:
        """Let the next entry be seen."""
        self._newest.append(entry)

    def replace(self, entry: Entry) -> None:
        """Let another entry stand in the place of one that is not committed yet."""
        self._newest[entry.seq - self._stored - 1] = entry

    def let_go(self, committed: int) -> None:
        """Keep no more than the newest of the entries up to the number ``committed``."""
        spare = min(len(self._newest) - NEWEST, committed - self._stored)
        if spare >= _SPARE:
            del self._newest[:spare]
            self._stored += spare

    def at(self, number: int) -> Entry:
        """The entry with this number, which there must be."""
        if number > self._stored:
            return self._newest[number - self._stored - 1]
        page, place = divmod(number - 1, PAGE)
        entries = self._pages.pop(page, None)
        if entries is None or place >= len(entries):
            entries = self._read(page * PAGE, min(PAGE, self._stored - page * PAGE))
        self._pages[page] = entries
        if len(self._pages) > _PAGES:
            self._pages.popitem(last=False)
        return entries[place]

    def after(self, after: int, most: int | None = None) -> Sequence[Entry]:
        """The entries with numbers above ``after``, at most so many of them."""
        end = len(self) if most is None else min(len(self), after + most)
        newest = self._newest[max(0, after - self._stored) : max(0, end - self._stored)]
        older = min(end, self._stored) - after
        return newest if older <= 0 else [*self._read(after, older), *newest]
