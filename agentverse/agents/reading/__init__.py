"""Reading replies: one reader for each form, each tolerant of what small models get wrong and of nothing else."""

from __future__ import annotations

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Reader, Unreadable
from agentverse.agents.reading.choice import read_choice
from agentverse.agents.reading.edits import read_edits
from agentverse.agents.reading.files import SEARCH_MARK, read_files
from agentverse.agents.reading.schemas import choice_options
from agentverse.agents.reading.structured import REPAIRED, read_structured
from agentverse.agents.reading.text import read_text

__all__ = ["Read", "Reader", "Unreadable", "read_reply"]


def read_reply(text: str, expects: Expectation, *, finish: str = "stop") -> Read:
    """Read a reply without thoughts as what was expected, and put it to ``expects.check``.

    Args:
        finish: why the model stopped. A reply that ran into its length limit counts only when it is whole by itself.

    Raises:
        Unreadable: what is wrong, in words for the agent.
    """
    if expects.reader is not None:
        return expects.reader(text, finish)
    try:
        read = reader_for(expects)(text, expects)
    except Unreadable as trouble:
        if finish == "length" and trouble.code not in ("empty", "cut_off"):
            raise Unreadable("cut_off", partial=text) from trouble
        raise
    if finish == "length" and (REPAIRED in read.mended or not _ends_by_itself(expects)):
        raise Unreadable("cut_off", partial=text)
    complaint = expects.check(read.value) if expects.check is not None else None
    if complaint:
        raise Unreadable("check", what=complaint)
    return read


def reader_for(expects: Expectation) -> Reader:
    """The reader of a type."""
    if choice_options(expects.type):
        return read_choice
    if isinstance(expects.type, str):
        return {"text": read_text, "files": _files, "edits": read_edits}.get(expects.type, read_structured)
    return read_structured


def _files(text: str, expects: Expectation) -> Read:
    """Whole files; edits of files that exist are as good."""
    try:
        return read_files(text, expects)
    except Unreadable:
        if not expects.base or SEARCH_MARK.search(text) is None:
            raise
        read = read_edits(text, expects)
        return Read(read.value, [*read.mended, "edits were sent for whole files"])


def _ends_by_itself(expects: Expectation) -> bool:
    """Whether a reply that could be read has nothing more to come: more files or edits might, and text has no end."""
    return expects.type not in ("text", "edits") and (expects.type != "files" or bool(expects.paths))
