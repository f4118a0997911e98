"""Records until the journal at the place given can take no more; prints how far it came and what it then said."""

import asyncio
import sys

from agentverse.errors import AgentverseError
from agentverse.journal.events import Note
from agentverse.journal.store import open_journal


async def main(place):
    try:
        journal = await open_journal(place)
        run = await journal.create("r", company="software", idea="an idea", folder="f")
        for number in range(1000):
            await run.record(str(number), Note(text="x" * 20_000))
            print(number + 1)
    except AgentverseError as error:
        print(f"{type(error).__name__}: {error} | {error.fix}")
    else:
        print("no error")


asyncio.run(main(sys.argv[1]))
