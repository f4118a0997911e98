"""llama.cpp's own server in a process of ours: ``python -P llama.py --help``.

Started by `agentverse.models.servers.embedded`; runs until it is told to end. It imports nothing of agentverse, and so
starts quickly.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from importlib import import_module
from typing import Any

WARNINGS = 2
"""How much it says of itself: what is said in a conversation stays out of the log."""


def main(arguments: list[str] | None = None) -> int:
    """Serve; returns 1 when the model cannot be loaded. The engine itself has then said why."""
    options = _parser().parse_args(arguments)
    engine: Any = import_module("xllamacpp")
    try:
        server = engine.Server(_parameters(engine, options))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    signal.pause()  # until SIGTERM, which ends this process
    del server  # and it served until here
    return 0


def _parameters(engine: Any, options: argparse.Namespace) -> Any:
    wanted = engine.CommonParams()
    wanted.model.path = options.model
    wanted.model_alias = {options.alias}
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = options.port
    wanted.n_ctx = options.context * options.slots  # it is shared out among the slots
    wanted.n_parallel = options.slots
    wanted.cpuparams.n_threads = options.threads
    wanted.cpuparams_batch.n_threads = options.threads
    wanted.verbosity = WARNINGS
    wanted.cache_ram_mib = options.cache
    wanted.ui = False
    wanted.endpoint_slots = False  # it shows prompts to everybody on this machine
    wanted.cors_origins = ""  # no page in a browser has business here
    if key := os.environ.get("LLAMA_API_KEY"):
        wanted.api_keys = [key]
    return wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="llama.py", description=__doc__)
    parser.add_argument("--model", required=True, metavar="FILE", help="a GGUF")
    parser.add_argument("--alias", required=True, metavar="NAME", help="name that requests use")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context", type=int, required=True, help="tokens of each slot")
    parser.add_argument("--slots", type=int, required=True, help="requests at the same time")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--cache", type=int, default=0, metavar="MIB", help="memory for prompts of idle slots")
    return parser


if __name__ == "__main__":
    sys.exit(main())
