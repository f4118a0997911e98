"""Drives a new run ``far``: for each line on standard input, notes it, and ends the run at the end of the input."""

import asyncio
import sys

from agentverse.journal.events import Note
from agentverse.journal.store import open_journal


async def main(place):
    journal = await open_journal(place)
    run = await journal.create("far", company="software", idea="an idea", folder="f")
    print("created", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        await run.record(line.strip(), Note(text=line.strip()))
    await run.close(state="succeeded")
    await journal.close()


asyncio.run(main(sys.argv[1]))
