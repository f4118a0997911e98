"""CPU that starting takes, in fresh processes: ``agentverse --help``, importing the package, listing models.

    python benchmarks/startup_bench.py [--json]

Prints the median of several processes beside the budget, and beside a bare interpreter on the same machine, with the
bytecode compiled as after an installation.
Exits with 1 when a budget is exceeded.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass

TIMES = 7


@dataclass(frozen=True)
class Case:
    name: str
    argv: list[str]
    budget_ms: float | None
    budget_mb: float | None = None


@dataclass(frozen=True)
class Figure:
    name: str
    cpu_ms: float
    rss_mb: float
    budget_ms: float | None
    budget_mb: float | None

    @property
    def kept(self) -> bool:
        cpu = self.budget_ms is None or self.cpu_ms <= self.budget_ms
        return cpu and (self.budget_mb is None or self.rss_mb <= self.budget_mb)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


FACADE = "import agentverse\nfor name in agentverse.__all__: getattr(agentverse, name)"
CASES = [
    Case("bare interpreter", python("pass"), None),
    Case("agentverse --help", [sys.executable, "-m", "agentverse", "--help"], 150),
    Case("agentverse run --help", [sys.executable, "-m", "agentverse", "run", "--help"], 150),
    Case("import agentverse", python("import agentverse"), 300),
    Case("import all that the package exports", python(FACADE), 300),
    Case("agentverse models list, no card", [sys.executable, "-m", "agentverse", "models", "list"], 300),
    Case("agentverse runs", [sys.executable, "-m", "agentverse", "runs"], None),
]


def measure(argv: list[str], folder: str) -> tuple[float, float]:
    """CPU milliseconds (user and system) and peak resident megabytes of one process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, cwd=folder, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{argv} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024


def figure(case: Case, folder: str) -> Figure:
    measure(case.argv, folder)  # compiles what is not compiled yet
    taken = [measure(case.argv, folder) for _ in range(TIMES)]
    cpu = statistics.median(cpu for cpu, _ in taken)
    rss = statistics.median(rss for _, rss in taken)
    return Figure(case.name, round(cpu, 1), round(rss, 1), case.budget_ms, case.budget_mb)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = [figure(case, folder) for case in CASES]
    if "--json" in sys.argv:
        print(json.dumps([asdict(one) | {"kept": one.kept} for one in figures], indent=2))
    else:
        print(f"{'':<38} {'CPU ms':>8} {'budget':>8} {'RSS MB':>8}")
        for one in figures:
            budget = f"{one.budget_ms:g}" if one.budget_ms is not None else "-"
            print(
                f"{one.name:<38} {one.cpu_ms:>8.1f} {budget:>8} {one.rss_mb:>8.1f}" + ("" if one.kept else "  EXCEEDED")
            )
    return 0 if all(one.kept for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
