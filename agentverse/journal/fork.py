"""Copying a part of a run into a new one.

A kept reply may have been recorded as a difference to a prompt that is not kept, or quote a reply that is not kept.
Its prompt is then told anew from what is kept, so that a forked run stands on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, update

from agentverse.journal import rows, tables
from agentverse.journal.events import PromptRef, Reply
from agentverse.journal.lease import Lease
from agentverse.journal.prompts import text_hash
from agentverse.journal.upgrade import dump, load


def copy_run(connection: Connection, source: int, lease: Lease, keep: Sequence[int]) -> Lease:
    """Copy the entries numbered ``keep`` of the run ``source`` into the new run of ``lease``, and the texts they need.

    Raises:
        ValueError: there is no such entry.
    """
    wanted = sorted(set(keep))
    _copy_events(connection, source, lease, wanted)
    numbers = {seq: new for new, seq in enumerate(wanted, start=1)}
    column = tables.event.c
    found = connection.execute(
        select(column.seq, column.key, column.type, column.v, column.body)
        .where(column.run == source, column.type == "reply")
        .order_by(column.seq)
    )
    replies: dict[str, Reply] = {}
    kept: dict[str, int] = {}
    for seq, key, kind, v, body in found:
        event = load(kind, v, body)
        assert isinstance(event, Reply)
        replies[key] = event
        if seq in numbers:
            kept[key] = numbers[seq]
    _copy_texts(connection, source, lease.ref, replies, kept)
    connection.execute(update(tables.run).where(tables.run.c.ref == lease.ref).values(events=len(wanted)))
    return lease._replace(events=len(wanted))


def _copy_events(connection: Connection, source: int, lease: Lease, wanted: Sequence[int]) -> None:
    column = tables.event.c
    same = [column[name] for name in ("key", "type", "v", "at", "input", "body")]
    done = 0
    for some in rows.chunks(wanted):
        number = func.row_number().over(order_by=column.seq) + done
        part = select(literal(lease.ref), number, *same).where(column.run == source, column.seq.in_(some))
        connection.execute(insert(tables.event).from_select(["run", "seq", *(name.key for name in same)], part))
        done += len(some)
    copied = select(func.count()).select_from(tables.event).where(column.run == lease.ref)
    if connection.execute(copied).scalar_one() != len(wanted):
        raise ValueError("a fork was asked to keep entries that the run does not have")


def _copy_texts(
    connection: Connection, source: int, target: int, replies: Mapping[str, Reply], kept: Mapping[str, int]
) -> None:
    """Copy the texts of a run apart from those that only replies not kept refer to, and mend the kept replies."""
    texts: dict[str, str] = {}
    prompts = {key: _retold(replies, kept, replies[key].prompt, texts) for key in kept}
    for key, prompt in prompts.items():
        if prompt != replies[key].prompt:
            body = dump(replies[key].model_copy(update={"prompt": prompt}))
            _mend(connection, target, kept[key], replies[key].v, body)
    needed = {item[1] for prompt in prompts.values() for item in prompt.add if len(item) == 2}
    unneeded = {item[1] for reply in replies.values() for item in reply.prompt.add if len(item) == 2} - needed
    column = tables.blob.c
    hashes = connection.execute(select(column.hash).where(column.run == source)).scalars().all()
    for some in rows.chunks(hash for hash in hashes if hash not in unneeded):
        part = select(literal(target), column.hash, column.text).where(column.run == source, column.hash.in_(some))
        connection.execute(insert(tables.blob).from_select(["run", "hash", "text"], part))
    told: list[dict[str, Any]] = [
        {"run": target, "hash": hash, "text": text.encode("utf-8", "surrogatepass")}
        for hash, text in texts.items()
        if hash not in set(hashes)
    ]
    if told:
        connection.execute(insert(tables.blob), told)


def _mend(connection: Connection, target: int, seq: int, v: int, body: str) -> None:
    column = tables.event.c
    connection.execute(update(tables.event).where(column.run == target, column.seq == seq).values(v=v, body=body))


def _retold(replies: Mapping[str, Reply], kept: Mapping[str, int], ref: PromptRef, texts: dict[str, str]) -> PromptRef:
    """``ref`` without prompts and replies that are not ``kept``. Texts to be stored for it are put into ``texts``."""
    base, keep, add = ref.base, ref.keep, ref.add
    while base is not None and base not in kept:
        lost = replies[base].prompt
        add = lost.add[: max(0, keep - lost.keep)] + add
        base, keep = lost.base, min(keep, lost.keep)
    told: list[list[str]] = []
    for item in add:
        if len(item) == 3 and item[1] not in kept:
            text = item[2] + replies[item[1]].text
            hash = text_hash(text)
            texts[hash] = text
            item = [item[0], hash]
        told.append(item)
    return PromptRef(base=base if keep else None, keep=keep if base is not None else 0, add=told)
