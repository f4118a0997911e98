"""Reading one of several options."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.refusal import is_refusal
from agentverse.agents.reading.schemas import choice_options

_EDGES = " \t\r\n\"'`*_.,:;!?()[]{}<>“”‘’「」。，：；！？（）"
_LABEL = re.compile(r"^[^:：]{0,30}[:：]\s*")


def read_choice(text: str, expects: Expectation) -> Read:
    """The option that ``text`` names: exactly, in another case, quoted, on its last line, or as the only one in it.

    Raises:
        Unreadable: ``empty``, ``refusal``, ``wrong_shape``.
    """
    options = choice_options(expects.type)
    said = _unwrap(text.strip())
    if not said:
        raise Unreadable("empty")
    if said in options:
        return Read(said)
    words = {option.casefold(): option for option in options}
    last = said.rstrip().rpartition("\n")[2]
    for piece in (said, last, _LABEL.sub("", last), _LABEL.sub("", said)):
        chosen = words.get(piece.strip(_EDGES).casefold())
        if chosen is not None:
            return Read(chosen, [f"{said[:40]!r} taken as {chosen!r}"])
    for piece in (last, said):
        named = _named(piece, options)
        if len(named) == 1:
            return Read(named[0], [f"took {named[0]!r} out of the text around it"])
    if is_refusal(said) and not _named(said, options):
        raise Unreadable("refusal")
    raise Unreadable("wrong_shape", why="choice", options=", ".join(options))


def _unwrap(text: str) -> str:
    """The value of ``{"choice": "a"}`` or ``"a"``, also in a fence."""
    bare = re.sub(r"^```[^\n]*\n|\n?```$", "", text).strip()
    try:
        value: Any = json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        return bare
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        value = fields.get("choice", next(iter(fields.values()), "") if len(fields) == 1 else bare)
    return str(cast("object", value)).strip()


def _named(text: str, options: tuple[str, ...]) -> list[str]:
    """Options that stand in ``text`` as words, without those that are only part of a longer one there."""
    found = [
        option for option in options
        if re.search(rf"(?<![A-Za-z0-9_]){re.escape(option)}(?![A-Za-z0-9_])", text, re.IGNORECASE)
    ]  # fmt: skip
    return [option for option in found if not any(option != other and option in other for other in found)]
