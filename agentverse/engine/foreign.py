"""Products that are not Python: verdicts on them, and how they are started to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from agentverse.blueprint.language import ProgrammingLanguage, words
from agentverse.sandbox import evidence as plain
from agentverse.sandbox import toolchain
from agentverse.sandbox.foreign import Bench, build, gather, with_held
from agentverse.sandbox.looks.protocol import Start

if TYPE_CHECKING:
    from agentverse.blueprint.artifacts import Design, Evidence
    from agentverse.engine.visit import Visit
    from agentverse.sandbox.protocol import Limits, Provision, Sandbox


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
        return await plain.gather(box, bench.filled(argv), limits=limits, held=bench.held, provision=provision)


def start_of(code: ProgrammingLanguage, files: Mapping[str, bytes], design: Design | None) -> Start | None:
    """How a product in ``code`` is started once it is built; None when it is nothing that can be."""
    designed = [design.entry] if design is not None else []
    usual = [path for suffix in code.suffixes for path in (f"main{suffix}", f"src/main{suffix}", f"Main{suffix}")]
    entry = next((path for path in [*designed, *usual] if path in files and code.is_source(path)), "")
    argv = words(code.start)
    if not argv or not entry:
        return None
    stem = entry.rpartition(".")[0]
    return Start(tuple(word.replace("{entry}", entry).replace("{stem}", stem) for word in argv))


async def make_ready(
    box: Sandbox, code: ProgrammingLanguage, files: Mapping[str, bytes], *, limits: Limits, provision: Provision
) -> None:
    """Build the product in a box that holds its files. Its tests passed, so whatever fails shows when it is started."""
    bench = Bench(box, code, files, limits, provision)
    await bench.prepare()
    if await build(bench) is None:
        for command in code.ready:
            await bench.run(command)
