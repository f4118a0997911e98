"""One error for several that came at once."""

from __future__ import annotations

from typing import cast

from agentverse.errors import AgentverseError, LimitReached, PhaseFailed, RunFenced

_ORDER = (RunFenced, LimitReached, PhaseFailed)


def gravest(errors: BaseExceptionGroup[BaseException]) -> AgentverseError | None:
    """The error that tells most: losing the run, a limit, a failed phase, anything else; None when one of them was not
    raised on purpose.
    """
    ours, others = errors.split(AgentverseError)
    if ours is None or others is not None:
        return None
    leaves = _leaves(ours)
    return min(leaves, key=lambda e: next((i for i, kind in enumerate(_ORDER) if isinstance(e, kind)), len(_ORDER)))


def innermost(error: BaseException) -> BaseException:
    """What is inside groups of one; the first group of several when there is one."""
    inside = _inside(error)
    return innermost(inside[0]) if len(inside) == 1 else error


def _inside(error: BaseException) -> tuple[BaseException, ...]:
    if isinstance(error, BaseExceptionGroup):
        return cast("BaseExceptionGroup[BaseException]", error).exceptions
    return ()


def _leaves(group: BaseExceptionGroup[AgentverseError]) -> list[AgentverseError]:
    found: list[AgentverseError] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
