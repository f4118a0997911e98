"""What is known by a name: registered with a decorator, or added by a package outside this repository.

Such a package declares an entry point, ``NAME = package.module:thing``, in the group of a registry. Listing names
imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from agentverse.errors import UsageError

Thing = TypeVar("Thing")
AnyThing = TypeVar("AnyThing")


class Registry(Generic[Thing]):
    """Things of one kind by name.

    Args:
        what: the kind as messages say it, such as ``tool``.
        group: of the entry points.
        prefix: of the names of its entry points, where several registries share a group.
        modules: imported before the first look at what is built in, which they register.
        valid: whether what another package adds is such a thing at all.
        refusal: what is raised for a name that nobody has.
    """

    def __init__(
        self,
        what: str,
        group: str,
        *,
        prefix: str = "",
        modules: Sequence[str] = (),
        valid: Callable[[Any], bool] = callable,
        refusal: type[UsageError] = UsageError,
    ) -> None:
        self._what, self._group, self._prefix = what, group, prefix
        self._modules, self._valid, self._refusal = modules, valid, refusal
        self._things: dict[str, Thing] = {}

    def add(self, name: str) -> Callable[[AnyThing], AnyThing]:
        """Register what is decorated under ``name``.

        Raises:
            ValueError: something is.
        """
        if name in self._things:
            raise ValueError(f"a {self._what} {name!r} is registered already")

        def register(thing: Any) -> Any:
            self._things[name] = thing
            return thing

        return register

    @property
    def built_in(self) -> Mapping[str, Thing]:
        """What is registered, in the order in which it was."""
        for module in self._modules:
            import_module(module)
        return self._things

    def names(self) -> list[str]:
        """All names, those of other packages included, sorted."""
        return sorted({*self.built_in, *self._points})

    def find(self, name: str) -> Thing:
        """The thing called ``name``. What is built in goes before what another package calls the same.

        Raises:
            UsageError: there is none, or what another package adds is none or cannot be loaded.
        """
        if name in (known := self.built_in):
            return known[name]
        point = self._points.get(name)
        if point is None:
            raise self._refusal(f"there is no {self._what} {name!r}", fix=self._instead(name))
        try:
            thing: Any = point.load()
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise self._refusal(f"the {self._what} {name!r} of another package cannot be loaded: {why}") from error
        if not self._valid(thing):
            raise self._refusal(f"the {self._what} {name!r} that another package adds is none: {point.value}")
        return thing

    def _instead(self, name: str) -> str:
        names = self.names()
        near = get_close_matches(name, names, n=1)
        return (f"Did you mean {near[0]!r}? " if near else "") + f"There are: {', '.join(names)}."

    @cached_property
    def _points(self) -> Mapping[str, EntryPoint]:
        found = (point for point in entry_points(group=self._group) if point.name.startswith(self._prefix))
        return {point.name.removeprefix(self._prefix): point for point in found}
