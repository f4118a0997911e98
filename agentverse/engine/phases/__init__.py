"""One file per phase kind. Importing this registers them all."""

from agentverse.engine.phases import ask, call, company, human, meet, run, solving

__all__ = ["ask", "call", "company", "human", "meet", "run", "solving"]
