"""Parts of memories by name. Listing them imports none that another package adds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from agentverse.blueprint.memory import MemorySpec, Part, parts_of
from agentverse.errors import UsageError
from agentverse.memory.protocol import Mind, View
from agentverse.plugins import Registry

if TYPE_CHECKING:
    from agentverse.blueprint.document import FieldPath

ENTRY_POINTS = "agentverse.memories"
"""Group of entry points: ``diary = package.module:Diary``."""
_NAMES = ("window", "summary", "reflection", "plan", "recall", "blackboard")


class Memory(BaseModel):
    """Base of all parts. The fields are the options in YAML; what a part remembers goes into private attributes.

    A part is made anew for each agent in each conversation, and is asked in the order of the agent's turns.
    """

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    rank: ClassVar[int] = 100
    """Parts with a lower one are asked earlier, whatever the order in the file."""
    windowed: ClassVar[bool] = False
    """It has to do with what left the window, so there is one even when none is named."""

    async def apply(self, view: View, mind: Mind) -> None:
        """Change what the agent is about to be shown."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a memory in YAML."""

    at: FieldPath
    """Within the spec."""
    what: str
    fix: str | None = None


AnyMemory = TypeVar("AnyMemory", bound=type[Memory])

MEMORIES: Registry[type[Memory]] = Registry(
    "memory",
    ENTRY_POINTS,
    modules=[f"agentverse.memory.{name}" for name in _NAMES],
    valid=lambda made: isinstance(made, type) and issubclass(made, Memory),
)


def memory(name: str) -> Callable[[AnyMemory], AnyMemory]:
    """Register a class as the part ``name``."""

    def register(made: AnyMemory) -> AnyMemory:
        if made.apply is Memory.apply:
            raise TypeError(f"{made.__qualname__} applies nothing")
        return MEMORIES.add(name)(made)

    return register


def known_memories() -> Collection[str]:
    """Names of all parts, those of other packages included, sorted."""
    return MEMORIES.names()


def make_memories(spec: MemorySpec | None) -> list[Memory]:
    """The parts that YAML names, in the order in which they are asked.

    Raises:
        UsageError: there is no such part, or it does not take these options.
    """
    faults = memory_faults(spec)
    if faults:
        raise UsageError(faults[0].what, fix=faults[0].fix)
    made = [cast(Memory, _make(part)) for part in parts_of(spec)]
    window = MEMORIES.find("window")
    if any(part.windowed for part in made) and not any(isinstance(part, window) for part in made):
        made.append(window())
    return sorted(made, key=lambda part: part.rank)


def memory_faults(spec: MemorySpec | None) -> list[Fault]:
    """What is wrong with a memory in YAML."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for part in parts_of(spec):
        made = _make(part)
        if isinstance(made, Fault):
            faults.append(made)
        elif part.name in seen:
            faults.append(Fault(part.at, f"the memory {part.name!r} is named twice."))
        seen.add(part.name)
    return faults


def _make(part: Part) -> Memory | Fault:
    if not part.name:
        return Fault(part.at, "a memory is its name, or one mapping of its name to its options.")
    try:
        made = MEMORIES.find(part.name)
    except UsageError as error:
        return Fault(part.at, f"{error}.", error.fix)
    if not made.model_fields and part.options not in (None, True, {}):
        return Fault(part.at, f"the memory {part.name!r} takes no options.")
    try:
        return made.model_validate(_options(made, part))
    except ValidationError as error:
        return _first_fault(error, made, part)


def _options(made: type[Memory], part: Part) -> dict[str, Any]:
    """A plain value stands for the first option: ``{window: 20}``."""
    if part.options is None or part.options is True:
        return {}
    given = _mapping(part.options)
    return {next(iter(made.model_fields)): part.options} if given is None else given


def _mapping(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _first_fault(error: ValidationError, made: type[Memory], part: Part) -> Fault:
    fault = error.errors(include_url=False)[0]
    option = ".".join(map(str, fault["loc"][:1]))
    at = (*part.at, option) if option in (_mapping(part.options) or {}) else part.at
    takes = f"It takes: {', '.join(made.model_fields)}."
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(option, made.model_fields, n=1)
        fix = f"did you mean {near[0]!r}?" if near else takes
        return Fault(at, f"the memory {part.name!r} has no option {option!r}.", fix)
    said = fault["msg"].removeprefix("Value error, ")
    what = f"{option}: {said[:1].lower()}{said[1:]}" if option else said
    return Fault(at, f"the memory {part.name!r}: {what}.", takes)
