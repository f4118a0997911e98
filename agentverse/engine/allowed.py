"""Which tools a turn may use: the nearest list counts, be it the seat's, the phase's or the role's."""

from __future__ import annotations

from collections.abc import Sequence

from agentverse.blueprint.company import Phase
from agentverse.blueprint.environment import Seat
from agentverse.blueprint.role import Role
from agentverse.tools.registry import EDITS


def allowed(phase: Phase, role: Role, seat: Seat | None = None) -> tuple[str, ...]:
    """Names as they were written, each once. ``edit_file`` is only for phases whose product are files."""
    said: Sequence[str] = role.tools
    if phase.tools is not None:
        said = phase.tools
    if seat is not None and seat.tools is not None:
        said = seat.tools
    return tuple(name for name in dict.fromkeys(said) if name != EDITS or files_of(phase))


def files_of(phase: Phase) -> str:
    """The artifact that the files belong to which a phase makes or changes; "" when it makes none."""
    return next((name for name, type in phase.produces.items() if type in ("files", "edits")), "")
