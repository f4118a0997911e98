"""``ask``: one role answers once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agentverse.agents.agreement import normal
from agentverse.agents.protocol import Segment, TurnResult
from agentverse.agents.showing import show_artifact
from agentverse.engine.kinds import phase_kind
from agentverse.engine.remembering import Diary
from agentverse.engine.samples import verified
from agentverse.engine.state import State
from agentverse.engine.words import word
from agentverse.journal.events import Decision, Stuck
from agentverse.memory.protocol import Shown
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

_FRESH_TRIES = 2
"""How often a change that was already tested and failed is asked for anew."""


@phase_kind("ask")
async def ask(visit: Visit) -> State:
    """Take one turn, pick among samples, keep the artifact."""
    role = visit.spec.ask or ""
    name, type = next(iter(visit.spec.produces.items()), ("", "text"))
    expects = visit.expectation(name, type)
    diary = Diary.of(visit, role)
    shown = await diary.shown() if diary is not None else Shown(())
    for fresh in range(_FRESH_TRIES + 1):
        again = f"~{fresh}" if fresh else ""
        turn: int | str = f"1{again}" if fresh else 1
        instruction = "\n".join(part for part in (visit.instruction(), shown.notes) if part)
        if fresh:
            instruction += "\n" + word("no_effect", visit.work.language)
        request = visit.request(
            role,
            expects,
            turn=turn,
            instruction=instruction,
            transcript=visit.heard() + shown.segments,
            samples=visit.spec.samples,
            warmer=0.25 * fresh,
        )
        result = await visit.take(request)
        visit = await visit.after(result)
        if diary is not None:
            diary.note(result)
        value = await _pick(visit, result, again) if visit.spec.samples > 1 else result.value
        if not name:
            return visit.state
        state = await visit.keep(name, type, value, author=role, turn=turn)
        if not _tested_before(visit, state) or fresh == _FRESH_TRIES:
            return state
        visit.work.journal.note(
            f"{visit.key}/{turn}/stuck",
            Stuck(phase=visit.name, visit=visit.number, what="same_reply", measure="asked anew with more freedom"),
        )
    raise AssertionError("the last try returns")


def _tested_before(visit: Visit, state: State) -> bool:
    """Whether a repair led back to files that were already shown to fail."""
    if visit.spec.then is None or not state.tried:
        return False
    tree = visit.work.repo.tree(state.commit)
    return any(visit.work.repo.tree(attempt.commit) == tree for attempt in state.tried)


# ---------------------------------------------------------------------- samples


async def _pick(visit: Visit, result: TurnResult, again: str) -> Any:
    """The sample that evidence, the majority or a judge chooses. The choice is written down.

    Args:
        again: ends the keys of all steps of this choice; "" for the first in a visit.
    """
    values = [result.value, *result.others]
    if len(values) == 1:
        return values[0]
    chosen = {"verified": verified, "vote": _vote, "best": _best}[visit.spec.pick]
    index = await chosen(visit, values, again)
    key = f"{visit.key}/pick{again}"
    entry = await visit.work.journal.record(key, Decision(what="pick", value=index))
    assert isinstance(entry.event, Decision)
    return values[int(entry.event.value)]


async def _vote(visit: Visit, values: Sequence[Any], again: str) -> int:
    """The value most samples agree on, the first of equals."""
    same = [normal(value) for value in values]
    winner, _ = Counter(same).most_common(1)[0]
    return same.index(winner)


async def _best(visit: Visit, values: Sequence[Any], again: str) -> int:
    """A judge names the number of the best sample."""
    texts = [f"{number}.\n{_shown(value, visit.work.language)}" for number, value in enumerate(values, start=1)]
    request = visit.request(
        visit.spec.judge or visit.spec.ask or "",
        visit.expectation("", {"choice": [str(number) for number in range(1, len(values) + 1)]}),
        turn=f"judge{again}",
        instruction=word("judge", visit.work.language),
        transcript=(Segment("\n\n".join(texts)),),
        tools=(),
    )
    return int(str((await visit.take(request)).value)) - 1


def _shown(value: Any, language: str) -> str:
    if isinstance(value, Changes):
        return "\n".join(f"{path}\n{text.decode('utf-8', 'replace')}" for path, text in value.write.items())
    return show_artifact("", value, language)
