"""A module named pytest that writes a whole, consistent report of tests that never ran."""

import json
import os
import sys

name = "test_honest.py::test_fails"
with open(os.environ["AGENTVERSE_REPORT"], "w") as file:
    for event in (
        {"event": "collected", "count": 1},
        {"event": "start", "id": name},
        *(
            {"event": "phase", "id": name, "when": when, "outcome": "passed", "seconds": 0.001}
            for when in ("setup", "call", "teardown")
        ),
        {"event": "finish", "exit": 0},
    ):
        file.write(json.dumps(event) + "\n")
sys.exit(0)
