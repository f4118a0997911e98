"""Serve a recording, or one reply for everything: ``python -m agentverse.testing --help``."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from agentverse.errors import AgentverseError
from agentverse.models.recording import Recording
from agentverse.testing.script import Script
from agentverse.testing.server import ScriptedServer


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.recording:
            script: Script = Recording.read(options.recording)
        else:
            reply: str = options.reply
            script = lambda _body, _headers: reply  # noqa: E731 (a script is a function)
        return asyncio.run(_serve(script, options))
    except AgentverseError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


async def _serve(script: Script, options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = ScriptedServer(
        script,
        port=options.port,
        models=(options.model,),
        context=options.context,
        corrupt=options.corrupt,
        seed=options.seed,
        log=options.log,
        keep=False,
    )
    async with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agentverse.testing",
        description="A model server on loopback whose replies are known. Prints its address, and serves until stopped.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--recording", metavar="FILE", help="look replies up in this recording")
    what.add_argument("--reply", metavar="TEXT", help="say this, whatever is asked")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--model", default="scripted", help="name of the model (default: %(default)s)")
    parser.add_argument(
        "--context", type=int, default=0, help="tokens; longer requests are refused (default: no limit)"
    )
    parser.add_argument("--log", metavar="FILE", help="append a line for each call started and finished")
    parser.add_argument("--corrupt", type=float, default=0.0, metavar="SHARE", help="share of replies to corrupt")
    parser.add_argument("--seed", type=int, default=0, help="which replies are corrupted")
    return parser


if __name__ == "__main__":
    sys.exit(main())
