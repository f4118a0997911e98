"""Verdicts on products that are not Python."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from agentverse.blueprint.language import words
from agentverse.sandbox import evidence, toolchain
from agentverse.sandbox.foreign import Bench, gather, with_held

if TYPE_CHECKING:
    from agentverse.blueprint.artifacts import Evidence
    from agentverse.engine.visit import Visit
    from agentverse.sandbox.protocol import Provision


async def run_foreign(
    visit: Visit, files: Mapping[str, bytes], argv: Sequence[str], *, provision: Provision, adopted: Collection[str]
) -> Evidence:
    """Run ``argv`` in a fresh box: the tests of the product's language, or any other command.

    Args:
        adopted: paths of files that were there before the run.

    Raises:
        SandboxUnavailable: there is no sandbox.
    """
    code = visit.code
    limits = toolchain.limits(code, seconds=visit.spec.timeout)
    async with visit.work.host.sandbox.open(limits=limits) as box:
        await box.put(files)
        bench = with_held(Bench(box, code, files, limits, provision))
        if list(argv) == words(code.test):
            return await gather(bench, adopted=adopted)
        await bench.prepare()
        return await evidence.gather(box, bench.filled(argv), limits=limits, held=bench.held, provision=provision)
