"""One line becomes tested software.

Example:
    ::

        from agentverse import run

        handle = await run("a unit converter", model="http://127.0.0.1:8000/v1#openbmb/MiniCPM5-2B")
        async for entry in handle:
            print(entry.key, entry.event.type)
        result = await handle.result()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentverse.api import Company, run, run_sync
    from agentverse.engine.protocol import Host, RunResult
    from agentverse.journal.events import Entry, Event

__version__ = "0.1.0"

__all__ = ["Company", "Entry", "Event", "Host", "RunResult", "__version__", "run", "run_sync"]

_HOMES = {
    "Company": "agentverse.api",
    "Entry": "agentverse.journal.events",
    "Event": "agentverse.journal.events",
    "Host": "agentverse.engine.protocol",
    "RunResult": "agentverse.engine.protocol",
    "run": "agentverse.api",
    "run_sync": "agentverse.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'agentverse' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
