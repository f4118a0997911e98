"""The memories of all who take part in one conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentverse.agents.protocol import Segment
from agentverse.blueprint.memory import MemorySpec
from agentverse.memory.protocol import Heard, Help, Mind, Shown, View
from agentverse.memory.registry import Memory, make_memories
from agentverse.memory.shared import Shared
from agentverse.memory.words import say


class Memories:
    """What each agent is shown. One that has no memory is shown all it heard.

    Args:
        specs: seat: its memory as in YAML.
        help: what they may ask; None when nobody has a memory.

    Raises:
        UsageError: a part is unknown or does not take its options.
    """

    def __init__(self, specs: Mapping[str, MemorySpec | None], help: Help | None) -> None:
        self.help = help
        self.shared = Shared()
        self._parts: dict[str, list[Memory]] = {seat: make_memories(spec) for seat, spec in specs.items() if spec}

    async def shown(self, seat: str, turn: int, step: int, heard: Sequence[Heard]) -> Shown:
        """What ``seat`` is shown before a turn. Asked once for each of its turns, in order.

        Args:
            turn: number of the reply it is about to give.
            step: number of the first reply that is given at the same time.
            heard: all it heard. The same list each time, grown at its end; it is not changed.
        """
        parts = self._parts.get(seat)
        if not parts or self.help is None:
            return Shown(tuple(line.segment for line in heard))
        view = View(heard)
        mind = Mind(seat, turn, step, self.help, self.shared)
        for part in parts:
            await part.apply(view, mind)
        return Shown(_segments(view, mind.language), "\n\n".join(view.notes))


def _segments(view: View, language: str) -> tuple[Segment, ...]:
    """Pinned lines, what stands for those that left, and the lines that stayed."""
    early = view.early
    if view.gone and not early:
        count = sum(len(block.lines) for block in view.gone)
        early = [Segment(say("left_out", language, count=count))]
    stayed = [line.segment for line in view.heard[view.first :]]
    return (*(line.segment for line in view.pinned), *early, *stayed)
