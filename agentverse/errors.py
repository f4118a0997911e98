"""Every exception agentverse raises on purpose.

    AgentverseError
    ├── UsageError                 the user asked for something that cannot be (exit 2)
    │   ├── BlueprintError         a YAML file is wrong; carries located problems
    │   ├── SettingsError          a setting is wrong; says where it came from
    │   ├── NoModel                no model is configured or answers
    │   ├── CannotServe            a model server cannot be started here: no GPU, too little memory, port taken
    │   ├── RunNotFound
    │   └── CompanyChanged         the company was edited since the run began
    ├── RunBusy                    another process drives this run
    ├── RunFenced                  this process lost the run to another driver
    ├── JournalUnavailable         the store of the runs cannot be opened, read or written
    ├── SandboxUnavailable         no sandbox on this machine; carries the fix
    ├── SandboxLost                the sandbox broke down while a command ran: says nothing about the product
    ├── PullFailed                 the files of a model cannot be had; carries the fix
    ├── ToolServerFailed           an MCP server does not start, or is gone
    ├── Unsupplied                 a package or toolchain that the product needs cannot be had here; carries the fix
    ├── PathRefused                a reply named a path that may not be written
    ├── ModelError                 the model server, not the model, failed
    │   ├── ModelUnavailable       down, overloaded, timed out: may be retried
    │   ├── ModelDenied            401, 403
    │   ├── ModelNotFound          404
    │   ├── ModelRejected          400: sending it again cannot help
    │   │   ├── ContextOverflow    the prompt is longer than the model's context
    │   │   └── ToolsRefused       the server takes no tools
    │   ├── ServerFailed           a server that agentverse started did not come up, or is gone for good
    │   └── RecordingExhausted     a recording has no reply for this step
    ├── PhaseFailed                a phase ended without its result
    └── LimitReached               tokens, turns, minutes

``RunFailed`` is not an exception: a run that fails is a result with a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AgentverseError(Exception):
    """Base of all. ``str(error)`` is one sentence fit for a user.

    Args:
        message: what is wrong, in one sentence.
        fix: what to do about it, or None when there is nothing to say.
    """

    exit_code = 1

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.fix = fix


class UsageError(AgentverseError):
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one file. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    where: str
    """Path of the field, such as ``phases.check.run``."""
    what: str
    """What is wrong and what was expected, one sentence."""
    fix: str | None = None
    """How to mend it, such as ``did you mean 'prompt'?``."""
    severity: str = "error"
    """``error`` or ``warning``; a warning does not stop a run."""

    def __str__(self) -> str:
        fix = f" {self.fix}" if self.fix else ""
        where = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}:{self.column}: {where}{self.what}{fix}"


class BlueprintError(UsageError):
    """A company, role or environment file cannot be used."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class SettingsError(UsageError):
    pass


class NoModel(UsageError):
    pass


class CannotServe(UsageError):
    pass


class RunNotFound(UsageError, LookupError):
    pass


class CompanyChanged(UsageError):
    pass


class RunBusy(AgentverseError):
    pass


class RunFenced(AgentverseError):
    pass


class JournalUnavailable(AgentverseError):
    pass


class SandboxUnavailable(AgentverseError):
    pass


class SandboxLost(AgentverseError):
    pass


class ToolServerFailed(AgentverseError):
    pass


class Unsupplied(AgentverseError):
    """What the product needs is not to be had.

    Args:
        stops: it is this machine that lacks something (a program, a network), so nothing the company writes can help:
            the run stops and can be resumed. Otherwise it is evidence about the product.
    """

    def __init__(self, message: str, *, fix: str | None = None, stops: bool = False) -> None:
        super().__init__(message, fix=fix)
        self.stops = stops


class PullFailed(AgentverseError):
    """``code`` is stable: ``gated``, ``missing``, ``unreachable``, ``disk``, ``checksum``, ``package``."""

    def __init__(self, message: str, *, code: str, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.code = code


class PathRefused(AgentverseError, ValueError):
    pass


class ModelError(AgentverseError):
    pass


class ModelUnavailable(ModelError, ConnectionError):
    pass


class ModelDenied(ModelError):
    pass


class ModelNotFound(ModelError):
    pass


class ModelRejected(ModelError):
    pass


class ContextOverflow(ModelRejected):
    """The prompt does not fit. ``prompt`` and ``context`` are tokens, 0 where the server did not say."""

    def __init__(self, message: str, *, prompt: int = 0, context: int = 0, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.prompt, self.context = prompt, context


class ToolsRefused(ModelRejected):
    pass


class ServerFailed(ModelError):
    pass


class RecordingExhausted(ModelError, LookupError):
    pass


class PhaseFailed(AgentverseError):
    """A phase ended without its result. ``code`` is stable: ``reply``, ``model``, ``timeout``, ``bound``, ``stuck``…"""

    def __init__(self, message: str, *, code: str, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.code = code


class LimitReached(AgentverseError):
    """A limit of the run or of a phase was hit."""

    def __init__(self, kind: str, used: float, allowed: float) -> None:
        super().__init__(f"the limit of {allowed:g} {kind} is reached ({used:g} used)")
        self.kind, self.used, self.allowed = kind, used, allowed
