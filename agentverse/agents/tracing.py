"""Turns as spans of OpenTelemetry; see `agentverse.models.tracing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse.agents.protocol import TakesTurns, TurnRequest, TurnResult
from agentverse.models.tracing import describe, operation, tracer

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


class TracedDesk:
    """A desk whose turns are spans, each around the calls of its model."""

    def __init__(self, desk: TakesTurns, run: str, tracer: Tracer) -> None:
        self._desk, self._run, self._tracer = desk, run, tracer

    async def take(self, turn: TurnRequest) -> TurnResult:
        known = {
            "gen_ai.agent.name": turn.role,
            "gen_ai.conversation.id": self._run,
            "agentverse.step": turn.key,
            "agentverse.phase": turn.phase,
            "agentverse.tier": turn.tier,
        }
        with operation(self._tracer, "invoke_agent", turn.role, known) as span:
            result = await self._desk.take(turn)
            usage = result.usage
            describe(
                span,
                {
                    "gen_ai.usage.input_tokens": usage.prompt,
                    "gen_ai.usage.output_tokens": usage.completion,
                    "agentverse.attempts": result.attempts,
                },
            )
            return result


def traced(desk: TakesTurns, run: str) -> TakesTurns:
    """``desk`` with spans around its turns, when there can be any."""
    found = tracer()
    return desk if found is None else TracedDesk(desk, run, found)
