"""The contract suite: our backend passes it, and a backend that breaks the contract does not."""

import subprocess
import sys
from pathlib import Path

from agentverse.sandbox.selfcheck import CHECKS, selfcheck


async def test_bubblewrap_keeps_the_contract(backend):
    results = await selfcheck(backend)
    assert [result for result in results if not result.passed] == []
    assert [result.name for result in results] == list(CHECKS)


OUTSIDE = """
import os
from agentverse.sandbox.bubblewrap import Bubblewrap


class Leaky(Bubblewrap):
    name = "leaky"

    def open(self, **options):
        box = super().open(**options)
        run = box.exec

        async def exec(argv, *, held=(), **more):
            if argv[0] == "cat" and os.path.isfile(argv[-1]):  # shows the host's files, and holds none of its own
                return await run(["cat"], stdin=open(argv[-1], "rb").read(99), **more)
            return await run(argv, **more)

        box.exec = exec
        return box
"""
ASK = """
import asyncio
from agentverse.sandbox.registry import make
from agentverse.testing import selfcheck

print(*(result.name for result in asyncio.run(selfcheck(make("leaky"))) if not result.fine), sep="\\n")
"""


def test_a_leaky_backend_of_another_package_is_found_out_by_one_call(tmp_path: Path):
    (tmp_path / "outside_box.py").write_text(OUTSIDE)
    info = tmp_path / "outside_box-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-box\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[agentverse.sandboxes]\nleaky = outside_box:Leaky\n")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{ASK}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "files of the host cannot be read",
        "files held read-only cannot be changed, nor the folders they lie in exchanged",
    ]
