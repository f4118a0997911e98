"""What a run came to, read from its journal: `build_report`, `write_report`."""

from agentverse.report.build import build_report, cost, phase_of
from agentverse.report.model import Report
from agentverse.report.write import write_report

__all__ = ["Report", "build_report", "cost", "phase_of", "write_report"]
