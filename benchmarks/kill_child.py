"""The process that `kill_bench` kills: drives all named runs at once, beginning those that are not there yet."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from agentverse.blueprint.load import Library
from agentverse.demos import demos, find_demo
from agentverse.engine.protocol import Host
from agentverse.engine.run import begin, resume
from agentverse.errors import RunNotFound
from agentverse.journal.events import RunStarted
from agentverse.journal.store import open_journal
from agentverse.models.registry import open_model
from agentverse.sandbox.registry import choose


async def main(folder: Path, url: str, demo_name: str, names: list[str]) -> None:
    demo = find_demo(demo_name, demos())
    journal = await open_journal(folder / "journal.db")
    model = await open_model({"base_url": url, "model": "scripted"})
    host = Host(journal, folder / "runs", {"edge": model}, await choose())
    blueprint = Library.default(folder).company(demo.company)

    async def drive(name: str) -> None:
        try:
            row = await journal.find(name)
        except RunNotFound:
            handle = await begin(host, blueprint, demo.idea, language=demo.language, run=name)
        else:
            if row.state == "succeeded":
                return
            begun = any(isinstance(entry.event, RunStarted) for entry in await journal.read(name, limit=1))
            if not begun:
                await journal.prune([name])
                await drive(name)
                return
            handle = await resume(host, name)
        await handle.result()

    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(drive(name))
    await journal.close()
    await model.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
