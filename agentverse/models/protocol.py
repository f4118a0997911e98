"""What agentverse asks of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from agentverse.journal.events import Usage
from agentverse.models.constraint import Constraint
from agentverse.models.pictures import Placed
from agentverse.models.profiles import Profile, Sampling


@dataclass(frozen=True, slots=True)
class Message:
    """What was said. ``content`` is all of the text; a model that sees gets ``pictures`` between its parts.

    The result of a tool, ``tool``, follows the assistant's message that called it (see `agentverse.models.calling`) or
    another result; only requests with ``tools`` hold one.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    pictures: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema of an object."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the server sent it; nothing is validated."""

    name: str
    arguments: str
    """JSON, if the model managed that."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply as it is generated. Never journaled."""

    key: str
    text: str = ""
    thinking: str = ""
    restart: bool = False
    """The call is made again after a failure: the pieces so far are void."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call.

    Attributes:
        messages: one optional system message, then user and assistant in strict alternation, user last.
        key: step key; identifies the call in recordings, in logs and at the server (``X-Request-Id``).
        constraint: what the reply must look like; None for free text. A server that enforces none is still asked.
        tools: for a model with tool calling of its own (``Profile.tools``). Its calls come back as the text of a
            choice, in the form of `agentverse.models.calling`.
        may_call: False: the tools stay in the prompt, but the model has to answer.
        n: number of samples.
        priority: lower goes first, here and at servers that schedule by it.
        on_delta: called with each piece as it arrives; None when nobody watches, and then nothing is streamed.
        deadline: seconds the whole call may take, retries included.
        logprobs: how probable the reply's tokens were is wanted, where the server can say it.
    """

    messages: tuple[Message, ...]
    key: str
    run: str = ""
    constraint: Constraint | None = None
    tools: tuple[ToolSpec, ...] = ()
    may_call: bool = True
    n: int = 1
    stop: tuple[str, ...] = ()
    sampling: Sampling = Sampling()  # noqa: RUF009 (immutable)
    thinking: bool | None = None
    priority: int = 0
    on_delta: Callable[[Delta], None] | None = None
    deadline: float = 600.0
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    thinking: str = ""
    finish: str = "stop"
    """``stop``, ``length``, ``content_filter``, ``tool_calls``, ``malformed`` (the server could not parse it) …"""
    logprob: float | None = None
    """Mean log probability of its tokens; None when the server did not say."""
    calls: tuple[ToolCall, ...] = ()
    """Calls of tools that the provider has not put into ``text`` yet."""


@dataclass(frozen=True, slots=True)
class Response:
    choices: tuple[Choice, ...]
    usage: Usage = Usage()  # noqa: RUF009 (immutable)
    model: str = ""
    seconds: float = 0.0
    first_token: float = 0.0
    unconstrained: bool = False
    """The server refused the constraint, and was asked without it."""
    requests: int = 1
    """So many were made for the samples; ``usage`` is that of all of them."""
    where: str = ""
    """The server that answered; "" when there is none."""


class ChatModel(Protocol):
    """A place replies come from. Implementations register with `agentverse.models.registry.provider`."""

    name: str
    """The model's name as the server knows it."""
    provider: str

    @property
    def profile(self) -> Profile:
        """What it is like; a server may turn out to lack what its family is known for."""
        ...

    async def contact(self) -> Mapping[str, Any]:
        """Reach the model once; return facts (context length, server, version).

        Raises:
            ModelError: it cannot be used; the message says why and what to do.
        """
        ...

    async def complete(self, request: Request) -> Response:
        """One call, with the provider's own retries for failures of the server.

        Raises:
            ToolsRefused: it takes no tools, and its profile says so from then on.
            ModelError: the server failed. Whatever the *model* said, however useless, is a Response.
        """
        ...

    async def close(self) -> None: ...
