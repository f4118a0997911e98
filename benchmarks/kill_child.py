"""The process that `kill_bench` kills: drives all named runs at once, beginning those that are not there yet."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from agentverse.blueprint.load import Library
from agentverse.demos import demos, find_demo
from agentverse.engine.protocol import Host
from agentverse.engine.run import begin, resume
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
        row = next((row for row in await journal.runs() if row.id == name and row.events), None)
        if row is None:
            about = demo.recording.about
            handle = await begin(host, blueprint, about.idea, language=about.language, run=name)
        elif row.state == "succeeded":
            return
        else:
            handle = await resume(host, name)
        await handle.result()

    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(drive(name))
    await journal.close()
    await model.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
