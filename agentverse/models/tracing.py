"""Spans of OpenTelemetry with its conventions for generative AI. Prompts and replies are in none of them.

Without the extra ``otel`` there are no spans; without a collector they cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agentverse.errors import AgentverseError
from agentverse.models.constraint import JsonSchema
from agentverse.models.counters import Counted, Counters
from agentverse.models.protocol import ChatModel, Profile, Request, Response
from agentverse.models.tokens import Tokenizes

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

Attributes = Mapping[str, Any]
"""Those that are None are left out."""


def tracer() -> Tracer | None:
    """Where spans are made; None when the extra is not installed."""
    try:
        from opentelemetry import trace
    except ModuleNotFoundError:
        return None
    return trace.get_tracer("agentverse")


@contextmanager
def operation(
    tracer: Tracer, name: str, subject: str, attributes: Attributes, *, remote: bool = False
) -> Generator[Span]:
    """A span around one operation, such as ``chat MODEL``. An error of ours is its status.

    Args:
        remote: it is done by a server.
    """
    from opentelemetry.trace import SpanKind, StatusCode

    given = {"gen_ai.operation.name": name, **attributes}
    with tracer.start_as_current_span(
        f"{name} {subject}".rstrip(),
        kind=SpanKind.CLIENT if remote else SpanKind.INTERNAL,
        attributes={key: value for key, value in given.items() if value is not None},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except AgentverseError as error:
            span.set_status(StatusCode.ERROR, str(error))
            span.set_attribute("error.type", type(error).__name__)
            raise


def describe(span: Span, attributes: Attributes) -> None:
    """Add what is known only at the end."""
    span.set_attributes({key: value for key, value in attributes.items() if value is not None})


class TracedModel:
    """A model whose calls are spans."""

    def __init__(self, model: ChatModel, tracer: Tracer) -> None:
        self._model, self._tracer = model, tracer
        self.name, self.provider = model.name, model.provider

    @property
    def profile(self) -> Profile:
        return self._model.profile

    async def contact(self) -> Mapping[str, Any]:
        return await self._model.contact()

    async def complete(self, request: Request) -> Response:
        with operation(self._tracer, "chat", self._model.name, self._asked(request), remote=True) as span:
            response = await self._model.complete(request)
            describe(span, _answered(response))
            return response

    async def token_count(self, text: str) -> int | None:
        return await self._model.token_count(text) if isinstance(self._model, Tokenizes) else None

    async def counted(self) -> Mapping[str, Counters]:
        return await self._model.counted() if isinstance(self._model, Counted) else {}

    async def close(self) -> None:
        await self._model.close()

    def _asked(self, request: Request) -> Attributes:
        sampling = request.sampling
        return {
            "gen_ai.provider.name": self.provider,
            "gen_ai.request.model": self._model.name,
            "gen_ai.conversation.id": request.run or None,
            "gen_ai.output.type": "json" if isinstance(request.constraint, JsonSchema) else "text",
            "gen_ai.request.choice.count": request.n if request.n > 1 else None,
            "gen_ai.request.temperature": sampling.temperature,
            "gen_ai.request.top_p": sampling.top_p,
            "gen_ai.request.max_tokens": sampling.max_tokens,
            "gen_ai.request.seed": sampling.seed,
            "gen_ai.request.stop_sequences": request.stop or None,
            "agentverse.step": request.key,
        }


def _answered(response: Response) -> Attributes:
    usage, server = response.usage, urlsplit(response.where)
    return {
        "gen_ai.response.model": response.model or None,
        "gen_ai.response.finish_reasons": tuple(choice.finish for choice in response.choices),
        "gen_ai.response.time_to_first_chunk": response.first_token or None,
        "gen_ai.usage.input_tokens": usage.prompt,
        "gen_ai.usage.output_tokens": usage.completion,
        "gen_ai.usage.cache_read.input_tokens": usage.cached,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
        "server.address": server.hostname,
        "server.port": server.port,
    }


def traced(model: ChatModel) -> ChatModel:
    """``model`` with spans around its calls, when there can be any."""
    found = tracer()
    return model if found is None else TracedModel(model, found)
