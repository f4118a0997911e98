"""What flows along the edges of the graph: artifacts, files and the commit they stand at.

A state is never changed; a phase takes one and returns another. Two states are joined by their stamps, which are
Lamport clocks: they grow along the edges and so follow from the graph, never from timing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agentverse.blueprint.company import TypeSpec

Stamp = tuple[int, int, int]
"""Lamport clock, then place of the phase in the company, then place of the item: unique for each thing made."""


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact as some phase made it."""

    name: str
    type: TypeSpec
    value: Any
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class FileNote:
    """Whose file it is and when it last changed."""

    artifact: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Tried:
    """A change that was tested and did not help."""

    commit: str
    patch: str


@dataclass(frozen=True, slots=True)
class State:
    """Artifacts and files as one phase sees them."""

    commit: str
    clock: int = 0
    made: Mapping[str, Made] = field(default_factory=dict[str, Made])
    files: Mapping[str, FileNote] = field(default_factory=dict[str, FileNote])
    tried: tuple[Tried, ...] = ()
    """Oldest first."""

    def values(self) -> dict[str, Any]:
        """Artifact: value."""
        return {name: made.value for name, made in self.made.items()}

    def oldest_first(self) -> list[Made]:
        return sorted(self.made.values(), key=lambda made: made.stamp)

    def files_oldest_first(self) -> list[tuple[str, FileNote]]:
        return sorted(self.files.items(), key=lambda pair: (pair[1].stamp, pair[0]))

    def with_made(self, name: str, type: TypeSpec, value: Any, stamp: Stamp) -> State:
        made = {**self.made, name: Made(name, type, value, stamp)}
        return replace(self, made=made, clock=max(self.clock, stamp[0]))

    def with_files(
        self, commit: str, *, artifact: str, written: Sequence[str], deleted: Sequence[str], stamp: Stamp
    ) -> State:
        """The state after a commit. A file keeps the artifact it first belonged to."""
        files = {path: note for path, note in self.files.items() if path not in deleted}
        for path in written:
            owner = self.files[path].artifact if path in self.files else artifact
            files[path] = FileNote(owner, stamp)
        return replace(self, commit=commit, files=files, clock=max(self.clock, stamp[0]))


def join(states: Sequence[State], merge: Callable[[Sequence[str]], str]) -> State:
    """Join what several phases left. Of each artifact and each file the later one counts.

    Args:
        states: in the order in which the phases were declared; at least one.
        merge: joins commits; called only when they differ.
    """
    first = states[0]
    if len(states) == 1:
        return first
    commits = list(dict.fromkeys(state.commit for state in states))
    commit = commits[0] if len(commits) == 1 else merge(commits)
    made: dict[str, Made] = {}
    notes: dict[str, FileNote] = {}
    for state in states:
        for name, thing in state.made.items():
            if name not in made or made[name].stamp < thing.stamp:
                made[name] = thing
        for path, note in state.files.items():
            if path not in notes or notes[path].stamp < note.stamp:
                notes[path] = note
    tried = tuple(dict.fromkeys(attempt for state in states for attempt in state.tried))
    return State(commit=commit, clock=max(state.clock for state in states), made=made, files=notes, tried=tried)
