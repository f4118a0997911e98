"""``each``: one phase run once for every item of a list, as parallel as the items' dependencies allow."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from agentverse.blueprint.artifacts import Edits, Files
from agentverse.engine.state import State
from agentverse.errors import PhaseFailed

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

MOST_ITEMS = 200
LONGEST_NAME = 200
"""Characters of an item's name; a longer one is called by its number."""


async def fan_out(visit: Visit, run: Callable[[Visit], Awaitable[State]]) -> State:
    """Run ``visit`` for each item and join what came of it. Files are united; other artifacts become lists.

    Raises:
        PhaseFailed: code ``each``; the list is no list or is too long.
    """
    assert visit.spec.each is not None
    expression = visit.spec.each.split(" in ", 1)[1]
    found = visit.evaluate(expression)
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise PhaseFailed(f"phase '{visit.name}': '{expression}' is no list", code="each")
    items = cast("Sequence[Any]", found)
    if len(items) > MOST_ITEMS:
        raise PhaseFailed(f"phase '{visit.name}' has {len(items)} items; {MOST_ITEMS} is the most", code="each")
    if not items:
        return visit.state
    names = item_names(items)
    needs = _needs(items, names)
    left: dict[str, State] = {}
    depths = _depths(names, needs)
    ranks = {name: place for place, name in enumerate(sorted(names, key=depths.__getitem__))}
    longest = _on_longest_chain(needs, depths)
    settled = {name: asyncio.get_running_loop().create_future() for name in names}

    async def one(index: int) -> None:
        name = names[index]
        if needs[name]:
            await asyncio.wait({settled[other] for other in needs[name]})
        before = [left[other] for other in needs[name]]
        key = f"{visit.visit_key}/{name}"
        state = await visit.flow.join(before, visit.name, key) if before else visit.state
        item = visit.for_item(name, ranks[name], items[index], state, slack=name not in longest)
        left[name] = await run(item)
        settled[name].set_result(None)

    async with asyncio.TaskGroup() as group:
        for index in range(len(items)):
            group.create_task(one(index))
    states = [left[name] for name in names]
    joined = await visit.flow.join(states, visit.name, f"{visit.visit_key}/-")
    return _collect(visit, joined, states)


def _collect(visit: Visit, joined: State, states: Sequence[State]) -> State:
    for name, type in visit.spec.produces.items():
        values = [state.made[name].value for state in states if name in state.made]
        if not values:
            continue
        if isinstance(values[0], Files | Edits):
            paths = sorted(path for path, note in joined.files.items() if note.artifact == name)
            value: Any = values[0].__class__(paths=paths, commit=joined.commit)
        else:
            value = values
        joined = joined.with_made(name, type, value, (joined.clock, visit.place, len(states)))
    return joined


def item_names(items: Sequence[Any]) -> list[str]:
    """A name for each item that follows from the item: its path, id or name, the item itself when it is a short
    word, else its number. Names are unique and fit into a step key.
    """
    names: list[str] = []
    for index, item in enumerate(items, start=1):
        fields = [_field(item, field) for field in ("path", "id", "name")]
        name = next((text for text in fields if isinstance(text, str) and _fits(text)), "")
        if not name and isinstance(item, str | int) and re.fullmatch(r"[\w.\-/]{1,80}", str(item)):
            name = str(item)
        name = name or str(index)
        while name in names:
            name = f"{name}~{index}"
        names.append(name)
    return names


def _fits(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()


def _needs(items: Sequence[Any], names: Sequence[str]) -> dict[str, list[str]]:
    """Item: the items it waits for. A dependency that would close a circle is dropped."""
    needs: dict[str, list[str]] = {name: [] for name in names}
    followers: dict[str, list[str]] = {name: [] for name in names}
    for name, item in zip(names, items, strict=True):
        behind = _reached(name, followers)
        for other in dict.fromkeys(_wanted(item)):
            if other in needs and other not in behind:
                needs[name].append(other)
                followers[other].append(name)
    return needs


def _wanted(item: Any) -> list[str]:
    """What an item says it depends on. It may come from a model's own JSON, so it may be anything."""
    wanted = _field(item, "depends_on")
    if isinstance(wanted, str):
        return [wanted]
    if not isinstance(wanted, list | tuple):
        return []
    return [other for other in cast("Sequence[Any]", wanted) if isinstance(other, str)]


def _reached(start: str, followers: Mapping[str, Sequence[str]]) -> set[str]:
    """``start`` and all that wait for it, directly or not."""
    found, left = {start}, [start]
    while left:
        for name in followers[left.pop()]:
            if name not in found:
                found.add(name)
                left.append(name)
    return found


def _depths(names: Sequence[str], needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Item: how many must be done one after another before it."""
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 1 + max((depth(other) for other in needs[name]), default=-1)
        return depths[name]

    for name in names:
        depth(name)
    return depths


def _on_longest_chain(needs: Mapping[str, Sequence[str]], depths: Mapping[str, int]) -> set[str]:
    """The items that the last ones to be done have waited for, and these."""
    last = max(depths.values())
    found = {name for name, depth in depths.items() if depth == last}
    left = list(found)
    while left:
        name = left.pop()
        for other in needs[name]:
            if depths[other] == depths[name] - 1 and other not in found:
                found.add(other)
                left.append(other)
    return found


def _field(item: Any, name: str) -> Any:
    if isinstance(item, Mapping):
        return item.get(name)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return getattr(item, name, None)
