"""Drives the run ``r`` at the place given, records without end, prints each key once it is acknowledged."""

import asyncio
import os
import sys

from agentverse.errors import RunNotFound
from agentverse.journal.events import Note, Reply
from agentverse.journal.store import open_journal


async def main(place):
    journal = await open_journal(place)
    try:
        run = await journal.drive("r")
    except RunNotFound:
        run = await journal.create("r", company="software", idea="an idea", folder="f")

    async def work(worker):
        number = 0
        while True:
            number += 1
            key = f"code#1/{worker}/{number}"
            if run.recall(key) is not None:
                continue
            run.note(f"{key}/started", Note(text="begins"))
            await run.record(key, Reply(phase="code", visit=1, role="programmer", text=f"reply of {key}" * 20))
            os.write(1, f"{key}\n".encode())

    async with asyncio.TaskGroup() as workers:
        for worker in range(20):
            workers.create_task(work(worker))


asyncio.run(main(sys.argv[1]))
