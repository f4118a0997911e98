"""Prompts as differences: what a prompt adds to an earlier one of the same run.

A run's prompts share long beginnings. Each is recorded as "the first so many segments of the prompt of that reply, and
then these", and a segment that quotes a reply names the reply. So a journal grows with what is new, not with the square
of the turns.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, Protocol

from agentverse.errors import JournalUnavailable
from agentverse.journal.entries import HasEntries, stream
from agentverse.journal.events import Entry, PromptRef, Reply
from agentverse.journal.protocol import Journal


class PromptPart(NamedTuple):
    """A segment of a prompt.

    ``source`` is the key of a reply that it quotes, when ``text`` ends with that reply's text.
    """

    role: str
    text: str
    source: str | None = None


class Stored(NamedTuple):
    """A prompt as it goes into a `Reply`, and the texts to record with it (``blobs`` of `RunJournal.record`)."""

    ref: PromptRef
    blobs: Mapping[str, str]


class Reader(Protocol):
    """Where the replies and texts of one run are read: a `RunJournal`, or a `Reading` of a stored run."""

    def recall(self, key: str) -> Entry | None: ...

    async def blobs(self, hashes: Sequence[str]) -> Mapping[str, str]: ...


class Run(Reader, HasEntries, Protocol):
    """What a `PromptBook` needs of a `RunJournal`."""


PROMPTS, NODES = 4096, 30_000
"""Prompts that a book knows by heart, those continued or sent last, and their segments. The others it reads again."""
_TEXTS = 20_000
"""Texts whose form in the journal is remembered."""

Item = tuple[str, ...]
"""A segment as stored: ``(role, hash)`` or ``(role, key, head)``."""


def text_hash(text: str) -> str:
    """The hash under which a text is stored, 32 hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(slots=True, eq=False)
class _Node:
    """A segment behind all that came before it. All prompts of a run form a tree of these."""

    parent: _Node | None
    depth: int
    reply: str
    """Key of a reply whose prompt goes through here."""
    item: Item = ()
    """What it is in its parent's ``children``."""
    children: dict[Item, _Node] = field(default_factory=dict[Item, "_Node"])
    ends: int = 0
    """So many prompts that are known by heart end here."""


class PromptBook:
    """The prompts of one run that are on record, to find the one a new prompt continues.

    Make one per driven run. It learns from the run's entries, so it knows the same after a resumption as before. What
    it has forgotten costs room in the journal, never a prompt: it is then told from an earlier place on.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._root = _Node(None, 0, "")
        self._ends: OrderedDict[str, _Node] = OrderedDict()
        """Key of a reply: where its prompt ends. Those used last stand at the end."""
        self._made: dict[tuple[str, str, str | None], Item] = {}
        self._replies: dict[str, tuple[int, str]] = {}
        """Key: length and hash of the text of each reply, so that who quotes it is known without reading it again."""
        self._read = 0
        self._size = 0
        """Segments in the tree."""

    def ref(self, segments: Iterable[PromptPart | tuple[str, str, str | None]]) -> Stored:
        """How to record the prompt made of ``segments``: a recorded prompt that begins like it, and the rest.

        Costs one dictionary look-up for a segment that was sent before, one hash of the text for a new one.
        """
        self._learn()
        node, add, texts = self._root, list[list[str]](), dict[str, str]()
        following = True
        for role, text, source in segments:
            item = self._item(role, text, source)
            if following and (child := node.children.get(item)) is not None:
                node = child
                continue
            following = False
            add.append(list(item))
            if len(item) == 2:
                texts[item[1]] = text
        if node is self._root:
            return Stored(PromptRef(add=add), texts)
        return Stored(PromptRef(base=node.reply, keep=node.depth, add=add), texts)

    def _item(self, role: str, text: str, source: str | None) -> Item:
        known = self._made.get((role, text, source))
        if known is None:
            if len(self._made) >= _TEXTS:
                self._made.clear()
            known = self._made[role, text, source] = self._quoting(role, text, source) or (role, text_hash(text))
        return known

    def _quoting(self, role: str, text: str, source: str | None) -> Item | None:
        """The segment as one that quotes the reply ``source``; None when it does not."""
        if source is None or source not in self._replies:
            return None
        length, hash = self._replies[source]
        if not length or text_hash(text[-length:]) != hash:
            return None
        return role, source, text[:-length]

    def _learn(self) -> None:
        """Take up the replies recorded since the last time."""
        for entry in stream(self._run, self._read):
            self._read = entry.seq
            if isinstance(entry.event, Reply):
                self._replies[entry.key] = len(entry.event.text), text_hash(entry.event.text)
                self._know(entry.key, self._path(entry.key, entry.event.prompt))

    def _path(self, key: str, ref: PromptRef) -> _Node:
        """The end of the prompt ``ref`` of the reply ``key``, put into the tree."""
        if ref.base is None:
            return self._grown(self._root, key, ref.add)
        node = self._ends.get(ref.base) or self._again(ref.base)
        self._ends.move_to_end(ref.base)
        while node.parent is not None and node.depth > ref.keep:
            node = node.parent
        return self._grown(node, key, ref.add)

    def _grown(self, node: _Node, key: str, items: Iterable[Sequence[str]]) -> _Node:
        for item in map(tuple, items):
            child = node.children.get(item)
            if child is None:
                child = node.children[item] = _Node(node, node.depth + 1, key, item)
                self._size += 1
            node = child
        return node

    def _again(self, key: str) -> _Node:
        """The end of a prompt that was forgotten."""
        node = self._grown(self._root, key, _items(self._run, _recorded(self._run, key)))
        self._know(key, node)
        return node

    def _know(self, key: str, end: _Node) -> None:
        """Know where the prompt of a reply ends; those that were not used for longest are forgotten."""
        end.ends += 1
        self._ends[key] = end
        while len(self._ends) > PROMPTS or (self._size > NODES and len(self._ends) > 1):
            _, node = self._ends.popitem(last=False)
            node.ends -= 1
            while node.parent is not None and not node.children and not node.ends:
                del node.parent.children[node.item]
                self._size -= 1
                node = node.parent


class Reading:
    """A stored run as a `Reader`, whoever drives it."""

    def __init__(self, journal: Journal, run: str, entries: Sequence[Entry]) -> None:
        self._journal = journal
        self._run = run
        self._entries = {entry.key: entry for entry in entries}

    def recall(self, key: str) -> Entry | None:
        return self._entries.get(key)

    async def blobs(self, hashes: Sequence[str]) -> Mapping[str, str]:
        return await self._journal.blobs(self._run, hashes)


async def reading(journal: Journal, run: str) -> Reading:
    """The run ``run`` of ``journal`` as it stands now, for `prompt`.

    Raises:
        RunNotFound
    """
    return Reading(journal, run, await journal.read(run))


async def prompt(reader: Reader, entry: Entry) -> list[tuple[str, str]]:
    """The prompt that the reply ``entry`` answered, exactly as sent: roles and texts in order.

    Raises:
        ValueError: ``entry`` is no reply.
        JournalUnavailable: the journal lacks a reply or a text it refers to.
    """
    items = _items(reader, entry)
    texts = await reader.blobs([item[1] for item in items if len(item) == 2])
    return [(item[0], _text(reader, texts, item)) for item in items]


def _items(reader: Reader, entry: Entry) -> list[list[str]]:
    pieces: list[Sequence[list[str]]] = []
    ref = _reply(entry).prompt
    wanted = ref.keep + len(ref.add)
    while True:
        pieces.append(ref.add[: max(0, wanted - ref.keep)])
        wanted = min(wanted, ref.keep)
        if ref.base is None or wanted == 0:
            return [item for piece in reversed(pieces) for item in piece]
        ref = _reply(_recorded(reader, ref.base)).prompt


def _text(reader: Reader, texts: Mapping[str, str], item: Sequence[str]) -> str:
    if len(item) == 3:
        return item[2] + _reply(_recorded(reader, item[1])).text
    text = texts.get(item[1])
    if text is None:
        raise JournalUnavailable(f"the journal lacks the text {item[1]} of a prompt")
    return text


def _recorded(reader: Reader, key: str) -> Entry:
    entry = reader.recall(key)
    if entry is None:
        raise JournalUnavailable(f"the journal lacks the reply {key!r}, which a prompt refers to")
    return entry


def _reply(entry: Entry) -> Reply:
    if not isinstance(entry.event, Reply):
        raise ValueError(f"the entry {entry.key!r} is no reply and has no prompt")
    return entry.event
