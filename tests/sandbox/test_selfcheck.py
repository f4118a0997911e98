"""The contract suite: our backend passes it, and a backend that breaks the contract does not."""

from pathlib import Path

from agentverse.sandbox.box import Box
from agentverse.sandbox.protocol import ExecResult
from agentverse.sandbox.selfcheck import CHECKS, selfcheck


def _content(path: str) -> str:
    return Path(path).read_text(errors="replace")[:100].replace("\0", " ") if Path(path).is_file() else ""


async def test_bubblewrap_keeps_the_contract(backend):
    results = await selfcheck(backend)
    assert [result for result in results if not result.passed] == []
    assert [result.name for result in results] == list(CHECKS)


async def test_a_leaky_backend_is_found_out(backend):
    class Leaky(Box):
        """Shows the host's files to every command, and passes everything as well."""

        async def exec(self, argv, **options) -> ExecResult:
            if argv[0] == "cat" and (content := _content(argv[1])):
                return await super().exec(["echo", content], **options)
            return await super().exec(argv, **options)

    class LeakyBackend:
        name = "leaky"
        probe = backend.probe

        def open(self, **options):
            whole = backend.open(**options)
            return Leaky(whole._plan, whole._setting, whole._limits, whole._unavailable)

    failed = [result.name for result in await selfcheck(LeakyBackend()) if not result.passed]
    assert failed == ["files of the host cannot be read"]
