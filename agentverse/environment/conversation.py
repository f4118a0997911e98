"""The conversation loop: asks the rules who speaks, lets them speak, and asks the rules what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentverse.agents.protocol import Segment
from agentverse.blueprint.acting import ENDS
from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import in_language, localize
from agentverse.environment import seating, world
from agentverse.environment.actions import actions_of
from agentverse.environment.acts import Acts
from agentverse.environment.effects import Effects
from agentverse.environment.hearing import Hearing
from agentverse.environment.protocol import PASS, WORLD, Cue, Floor, Grouping, Line, Outcome
from agentverse.environment.rules.stop import Turns, make_stops
from agentverse.environment.scene import Scene, together
from agentverse.environment.stages import RuleSet, Stages
from agentverse.errors import UsageError
from agentverse.memory.memories import Memories
from agentverse.memory.protocol import Shown

__all__ = ["Conversation", "Line", "Outcome"]

_MOST_UNHEARD = 1000
"""Stages in a row without a speaker after which it is over, whatever the world does by itself."""


class Conversation:
    """One conversation in an environment. The same replies lead to the same conversation, turn by turn."""

    def __init__(
        self,
        *,
        environment: Environment,
        seats: Mapping[str, tuple[str, Role]],
        floor: Floor,
        language: str = "en",
        params: Mapping[str, Any] | None = None,
        seed: int = 0,
        memory: Memories | None = None,
    ) -> None:
        """Seat everybody and make the rules.

        Args:
            environment: seats and rules.
            seats: seat: name of the role that sits there, and the role; for one that stands for several, each of them.
            floor: takes turns and keeps what they produce.
            language: of titles and descriptions.
            params: instead of the environment's own.
            seed: of all chance in it.
            memory: what each seat is shown of what it heard; all of it when left out.

        Raises:
            UsageError: a rule is unknown or does not take its options, or a seat is empty.
        """
        usual = {name: in_language(value, language) for name, value in environment.params.items()}
        params = {**usual, **(params or {})}
        environment = environment.model_copy(update={"params": params})
        several = {kind: sum(seat.rpartition("_")[0] == kind for seat in seats) for kind in environment.seats}
        places = seating.lay_out(environment, params, several)
        empty = [seat for seat in places if seat not in seats]
        if empty:
            raise UsageError(f"nobody sits in {', '.join(map(repr, empty))} of the environment {environment.name!r}")
        self._environment, self._floor = environment, floor
        self._memory = memory or Memories({}, None)
        held = seating.seated(places, seats, language)
        members = seating.groups(environment, places)
        words = {value: localize(word, language) for value, word in environment.words.items()}
        self.scene = Scene(
            seats=held,
            names={**words, **seating.names(held)},
            language=language,
            seed=seed,
            params={**params, "members": members},
            hearing=Hearing(places),
            ask=floor.poll,
            gauge=floor.measure,
        )
        self.scene.world = world.begin(environment, self.scene.params, members, seed)
        self._places = places
        self._spoke: set[str] = set()
        self._idle = 0
        """Stages in a row in which nobody spoke and the world stayed as it was."""
        self._unheard = 0
        """Stages in a row in which nobody spoke."""
        self._actions = actions_of(environment)
        self._effects = Effects(self.scene, self._actions)
        self._stages = Stages(environment, self.scene)
        self._rules = {name: RuleSet(environment, stage) for name, stage in environment.stages.items()}
        self._now = self._rules.get(self._stages.name) or RuleSet(environment, self._stages.now)
        self._stops = make_stops(environment)
        self._most = next(stop.at_most for stop in self._stops if isinstance(stop, Turns))

    async def hold(self) -> Outcome:
        """Talk until a rule ends it. What the floor raises is raised as it is."""
        self._enter(self._stages.name)
        while True:
            seats = await self._now.order.next(self.scene)
            if seats:
                self._idle = self._unheard = 0
                goes = await self._step(seats)
                if (reason := await self._over()) is not None:
                    return self._outcome(reason)
                if goes is None and not self._stages.over(spent=False):
                    continue
            else:
                goes = None
                self._idle += 1
                self._unheard += 1
            self._tell("end")
            following = goes or self._stages.following()
            if following == ENDS:
                return self._outcome("ended" if self._environment.stages else "stopped")
            if self._idle > len(self._environment.stages) or self._unheard > _MOST_UNHEARD:
                return self._outcome("stopped")  # nobody can speak in any stage
            self._enter(following)
            if (reason := await self._over()) is not None:
                return self._outcome(reason)

    def _enter(self, stage: str) -> None:
        self._stages.enter(stage)
        if self._environment.stages:
            self._now = RuleSet(self._environment, self._stages.now)
        visibility = self._now.visibility
        self.scene.grouping = visibility if isinstance(visibility, Grouping) else None
        self._floor.staged(self.scene, self._stages.now)
        self._tell("begin")

    def _tell(self, which: str) -> None:
        for line, changes in self._stages.moments(which):
            self._add(line, changes)
            if changes:
                self._idle = 0

    async def _step(self, seats: Sequence[str]) -> str | None:
        """Let ``seats`` speak at the same time; they do not hear one another before the step is over.

        Returns:
            The stage that one of their actions leads to.
        """
        scene = self.scene
        strange = [seat for seat in seats if seat not in scene.seats]
        if strange:
            raise UsageError(f"the order of the conversation names {strange[0]!r}, which is no seat")
        wanted = set(seats)
        speakers = [seat for seat in scene.seats if seat in wanted][: self._most - len(scene.spoken)]
        first = len(scene.spoken) + 1
        # All remember before anybody speaks: what one says changes what stands on the table.
        cues: list[Cue] = await together([self._cue(seat, turn, first) for turn, seat in enumerate(speakers, first)])
        replies: list[Line] = await together([self._reply(cue) for cue in cues])
        self._floor.replied()
        scene.spoken += replies
        self._spoke.update(speakers)
        for line in replies:
            scene.calls[line.seat] += line.calls
        counted = [await self._floor.settle(line) for line in await self._now.selection.select(replies, scene)]
        heard, goes = self._effects.of(counted)
        lines: Sequence[Line] = [line for line, _ in heard]
        changes = {id(line): done for line, done in heard}
        before = world.snapshot(scene.world)
        for update in self._now.updates:
            lines = update.apply(lines, scene)
        for line in lines:
            self._add(line, changes.get(id(line), {}))
        if ruled := world.differences(before, scene.world):
            self._floor.changed(ruled, scene)
        scene.latest = counted
        scene.steps += 1
        return goes

    async def _reply(self, cue: Cue) -> Line:
        """What a seat replies. One that can do nothing but pass is not asked."""
        if _asked(cue.acts):
            return await self._floor.speak(cue)
        held = self.scene.seats[cue.seat]
        return Line(held.seat, held.role, held.title, {"action": PASS}, "", "", cue.turn)

    async def _cue(self, seat: str, turn: int, first: int) -> Cue:
        scene, stage = self.scene, self._stages.now
        acts = stage.acts_of(seat, self._places[seat].kind) or scene.seats[seat].acts
        task = stage.tasks.get(seat) or stage.tasks.get(self._places[seat].kind) or stage.task
        made = Acts(seat, acts, self._actions, scene) if acts else None
        shown = Shown(())
        if _asked(made):
            shown = await self._memory.shown(seat, turn, first, scene.hearing.heard(seat))
        notes = self._now.description.notes(seat, scene)
        told = (shown.notes, notes, scene.render(localize(task, scene.language), seat))
        return Cue(
            seat=seat,
            turn=turn,
            transcript=shown.segments,
            notes="\n".join(part for part in told if part),
            prompt=self._prompt(seat),
            acts=made,
        )

    def _prompt(self, seat: str) -> str:
        """What the holder of the seat does, the first time or again."""
        about = self._places[seat].about
        text = about.again if about.again and seat in self._spoke else about.prompt
        return self.scene.render(localize(text, self.scene.language), seat)

    def _add(self, line: Line, changes: Mapping[str, Any]) -> None:
        """Say ``line`` to whoever hears it. Segments are only ever appended, so prompts grow at the end."""
        scene = self.scene
        scene.lines.append(line)
        if isinstance(line.value, Evidence):
            scene.evidence = line.value
        everybody = frozenset(scene.seats)
        hearers = line.to if line.to is not None else everybody
        if line.seat != WORLD:
            hearers = line.to if line.to is not None else self._now.visibility.heard_by(line, scene)
            hearers = (hearers & everybody) | {line.seat}
        if line.text or (not line.action and line.seat != WORLD):
            name = scene.names.get(line.seat, line.title)
            text = f"{name}: {line.text}" if line.seat != WORLD else line.text
            segment = Segment(text, source=line.reply_key or None)
            scene.hearing.add(line, segment, hearers, number=len(scene.lines))
        self._floor.said(line, None if hearers == everybody else sorted(hearers), changes, scene)

    async def _over(self) -> str | None:
        for stop in self._stops:
            reason = await stop.reason(self.scene)
            if reason is not None:
                return reason
        return None

    def _outcome(self, reason: str) -> Outcome:
        scene = self.scene
        products = {scene.seats[line.seat].writes: line.value for line in scene.lines if line.seat in scene.seats}
        measures = {name: scene.evaluate(said) for name, said in self._environment.measures.items()}
        return Outcome(
            lines=tuple(scene.lines),
            products=products,
            reason=reason,
            turns=len(scene.spoken),
            world=world.snapshot(scene.world),
            measures=measures,
            report=scene.render(localize(self._environment.report, scene.language), reason=reason, **measures),
        )


def _asked(acts: Acts | None) -> bool:
    """Whether a seat that may do this has anything to say."""
    return acts is None or bool(set(acts.options) - {PASS})
