"""What every other backend does besides holding hostile programs (for those: `test_attacks`)."""

import asyncio

import pytest

from agentverse.sandbox.selfcheck import CHECKS, selfcheck


async def test_the_contract_is_kept_but_for_what_is_said_not_to_be_held(other):
    results = await selfcheck(other)
    assert [result for result in results if not result.fine] == []
    assert [result.name for result in results] == list(CHECKS)


async def test_commands_run_side_by_side_and_results_are_kept_apart(other_box):
    results = await asyncio.gather(*(other_box.exec(["echo", str(n)]) for n in range(8)))
    assert [result.stdout for result in results] == [f"{n}\n".encode() for n in range(8)]
    assert all(result.ok for result in results)


@pytest.mark.parametrize(
    ("words", "code", "signal", "reason"),
    [
        (["sh", "-c", "exit 3"], 3, None, "exited"),
        (["sh", "-c", "exit 125"], 125, None, "exited"),
        (["sh", "-c", "kill -SEGV $$"], None, 11, "killed"),
        (["no-such-program"], 127, None, "exited"),
    ],
)
async def test_the_end_of_a_command_is_told_as_it_was(other_box, words, code, signal, reason):
    result = await other_box.exec(words)
    assert (result.exit_code, result.signal, result.reason) == (code, signal, reason)


async def test_a_full_report_comes_back_and_a_closed_box_leaves_nothing(other):
    async with other.open() as box:
        await box.put({"sub/in.txt": b"here"})
        said = await box.exec(
            ["sh", "-c", 'cat; cat in.txt; cp in.txt "$AGENTVERSE_REPORT"'], stdin=b"given ", cwd="sub", report=True
        )
        base = box._place.base
        await box.exec(["sh", "-c", "mkdir -p a/b; chmod 000 a/b; chmod 000 a"])
    assert (said.stdout, said.report) == (b"given here", b"here")
    assert not base.exists()
    with pytest.raises(RuntimeError, match="closed"):
        await box.exec(["true"])
