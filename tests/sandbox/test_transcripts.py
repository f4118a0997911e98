"""A command-line program as a person tries it, in a real box."""

from __future__ import annotations

from agentverse.blueprint.artifacts import Step
from agentverse.sandbox.looks.command import look
from agentverse.sandbox.looks.protocol import Start
from agentverse.sandbox.protocol import Limits

SUM = b"""
import sys
if sys.argv[1:] == ["sum"]:
    print(sum(int(line) for line in sys.stdin))
else:
    print("usage: main.py sum")
"""


async def test_a_transcript_says_what_a_command_was_given_to_read(box) -> None:
    await box.put({"main.py": SUM})
    tour = [Step(do="run", what="sum"), Step(do="type", what="1"), Step(do="type", what="2", see="3")]
    tour += [Step(do="run", what="sum"), Step(do="type", what="it's")]
    shown = await look(box, Start(("python", "main.py")), tour, limits=Limits())
    assert [(moment.did, moment.saw) for moment in shown.show.moments[:3]] == [
        ("main.py --help", "usage: main.py sum"),
        ("main.py", "usage: main.py sum"),
        ("main.py sum < '1 2'", "3"),
    ]
    assert shown.show.reason.startswith("main.py sum: it crashed: ValueError")
    assert shown.show.moments[-1].did == """main.py sum < 'it'"'"'s'"""
