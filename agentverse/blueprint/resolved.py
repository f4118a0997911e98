"""A company with everything it uses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from agentverse.blueprint.company import Company
from agentverse.blueprint.document import FieldPath, Place, nearest_place
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role


class Resolved(BaseModel):
    """A company, and every role, environment and company it uses, overrides applied.

    It goes whole into a run's journal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: Company
    roles: dict[str, Role] = Field(default_factory=dict[str, Role])
    environments: dict[str, Environment] = Field(default_factory=dict[str, Environment])
    companies: dict[str, Resolved] = Field(default_factory=dict[str, "Resolved"])

    _places: dict[FieldPath, Place] = PrivateAttr(default_factory=dict[FieldPath, Place])

    @property
    def revision(self) -> str:
        """A hash of the whole, 64 hex digits. Values that equal their default do not count; the order of keys does."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()

    def with_places(self, places: Mapping[FieldPath, Place]) -> Resolved:
        """Remember where the fields stand in their files. Returns self."""
        self._places.update(places)
        return self

    def place(self, path: FieldPath) -> Place:
        """Where the field at ``path`` stands, else the nearest field around it.

        A path begins in the company (``("phases", "check", "run")``); ``("roles", NAME, …)`` and
        ``("environments", NAME, …)`` lead into the roles and environments it uses. A company that comes from a journal
        knows no places: then it is the company's name, line 1.
        """
        return nearest_place(self._places, path) or Place(self.company.name, 1, 1, 1, 1)

    def locate(self, path: FieldPath) -> tuple[str, int, int]:
        """File, line and column of a field; see `place`."""
        place = self.place(path)
        return place.file, place.line, place.column
