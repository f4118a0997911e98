"""What a run came to, read from its journal: `build_report`, `build_model_report`, `write_report`."""

from agentverse.report.asked import build_model_report, cost
from agentverse.report.build import build_report, phase_of
from agentverse.report.model import ModelReport, Report
from agentverse.report.write import write_report

__all__ = ["ModelReport", "Report", "build_model_report", "build_report", "cost", "phase_of", "write_report"]
