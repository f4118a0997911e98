"""Runs attacks on one backend and prints one JSON line each; see `main` for the words it takes.

It is a program of its own so that it can be run as another user than the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.protocol import SandboxBackend
from agentverse.sandbox.registry import Adjustable, make
from agentverse.sandbox.unsafe import Unsafe
from tests.sandbox.attacks import targets
from tests.sandbox.attacks.catalogue import ATTACKS, Attack
from tests.sandbox.attacks.scene import GotThrough, NotTried, Scene, host_is_unhurt

NONE = "none"
"""In the place of a backend's name: no sandbox at all, to see that attacks are real."""
AT_ONCE = 3
LONGEST = 240.0
"""Seconds after which an attack has hung the host, whatever else it did."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attack."""

    name: str
    through: str = ""
    """The effect that it had and must not have; empty when it was stopped."""
    untried: str = ""
    """Why nothing is known."""
    seconds: float = 0.0


async def drive(backend: SandboxBackend, names: Sequence[str], *, at_once: int = AT_ONCE) -> None:
    """Run attacks, some at a time; those that need room for themselves at the end, one by one."""
    together = [ATTACKS[name] for name in names if not ATTACKS[name].alone]
    apart = [ATTACKS[name] for name in names if ATTACKS[name].alone]
    room = asyncio.Semaphore(at_once)

    async def one(attack: Attack) -> None:
        async with room:
            _say(asdict(await attempt(backend, attack)))

    await asyncio.gather(*map(one, together))
    for attack in apart:
        await one(attack)


async def attempt(backend: SandboxBackend, attack: Attack) -> Outcome:
    """Carry out one attack in a box of its own, on targets of its own."""
    began = time.monotonic()
    through = untried = ""
    try:
        async with asyncio.timeout(LONGEST):
            with targets.made() as made:
                async with backend.open(limits=attack.limits) as box:
                    scene = Scene.of(box, backend, made, attack.limits, attack.name)
                    try:
                        await attack.way(scene)
                        await host_is_unhurt(scene)
                    finally:
                        harm = made.harm()
                through = "; ".join(harm)
    except GotThrough as effect:
        through = str(effect)
    except NotTried as lack:
        untried = str(lack)
    except TimeoutError:
        through = "the host hangs"
    except Exception:
        through = f"the host failed: {traceback.format_exc()[-2500:]}"
    return Outcome(attack.name, through, untried, round(time.monotonic() - began, 2))


def main() -> None:
    """Take a backend's name and those of attacks; print what the backend says of itself, then the outcomes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", default="")
    parser.add_argument("--runtime", default="")
    parser.add_argument("backend")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    asyncio.run(_main(options))


async def _main(options: argparse.Namespace) -> None:
    os.environ["OPENAI_API_KEY"] = targets.SECRET
    backend = Unsafe() if options.backend == NONE else make(options.backend)
    if isinstance(backend, Adjustable):
        backend.adjust(image=options.image, runtime=options.runtime)
    try:
        info = await backend.probe()
    except SandboxUnavailable as error:
        _say({"unavailable": str(error), "fix": error.fix})
        sys.exit(1)
    _say({"backend": info.backend, "strength": info.strength, "enforced": dict(info.enforced)})
    await drive(backend, options.names or list(ATTACKS))


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
