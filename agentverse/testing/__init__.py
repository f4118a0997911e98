"""For tests of companies and of agentverse itself: a model server that says what a script tells it.

>>> from agentverse.testing import Reply, ScriptedServer, fault
>>> async with ScriptedServer(["first", fault("503"), "second"]) as server:
...     model = await open_model({"base_url": server.url, "model": "scripted"})

A sandbox of your own holds what it must when `selfcheck` has nothing to say against it:

>>> assert all(result.fine for result in await selfcheck(MyBackend()))

Replies gone wrong as small models go wrong: `agentverse.testing.corrupt`. From the command line:
``python -m agentverse.testing --help``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentverse.sandbox.selfcheck import CheckResult, selfcheck
    from agentverse.testing.manners import Manners
    from agentverse.testing.script import FAULTS, Reply, fault
    from agentverse.testing.server import Received, ScriptedServer

__all__ = ["FAULTS", "CheckResult", "Manners", "Received", "Reply", "ScriptedServer", "fault", "selfcheck"]

_HOMES = {
    "CheckResult": "agentverse.sandbox.selfcheck",
    "FAULTS": "agentverse.testing.script",
    "Manners": "agentverse.testing.manners",
    "Received": "agentverse.testing.server",
    "Reply": "agentverse.testing.script",
    "ScriptedServer": "agentverse.testing.server",
    "fault": "agentverse.testing.script",
    "selfcheck": "agentverse.sandbox.selfcheck",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
