"""Many boxes at once: no result is lost, and none is another's."""

import asyncio

from agentverse.sandbox.evidence import gather
from agentverse.sandbox.protocol import Limits

BOXES = 12
PATIENT = Limits(wall=300.0)


async def test_a_dozen_boxes_at_once_each_give_their_own_evidence(backend):
    async def one(number: int) -> tuple[bool, int, int, bytes]:
        async with backend.open(limits=PATIENT) as box:
            source = f"def test_own():\n    assert {number} % 3\n\n\ndef test_fine():\n    assert {number} > 0\n"
            await box.put({"test_own.py": source.encode(), "number": str(number).encode()})
            evidence = await gather(box, ["pytest", "-q"])
            shown = await box.exec(["cat", "number"])
        assert evidence.tests is not None, evidence.reason
        return evidence.passed, evidence.tests.passed, evidence.tests.failed, shown.stdout

    found = await asyncio.gather(*map(one, range(1, BOXES + 1)))
    assert found == [
        (bool(number % 3), 1 + bool(number % 3), int(not number % 3), str(number).encode())
        for number in range(1, BOXES + 1)
    ]
