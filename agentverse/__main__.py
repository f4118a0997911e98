"""``agentverse`` and ``python -m agentverse``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from agentverse.cli.main import invoke

    sys.exit(invoke(sys.argv[1:]))


if __name__ == "__main__":
    main()
