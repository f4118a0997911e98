"""From requirements to a layer: what is on the shelf, or what uv makes of them in a box."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from agentverse.errors import Unsupplied
from agentverse.sandbox import tooling
from agentverse.sandbox.packages.policy import PackagePolicy
from agentverse.sandbox.packages.shelf import DAY, FILES, KEPT, LAYER, SITE, Layer, Shelf, cache_home, remove
from agentverse.sandbox.protocol import Mount, Provision, SandboxBackend

NEW_ENOUGH = 7 * DAY
"""Seconds for which the same requirements lead to the same versions, without asking the index."""
LARGEST_FILE = 1 << 30


class Supplier:
    """Gets packages for one backend.

    Args:
        cache: folder for layers and files; the user's when left out.
        offline: only what is on the shelf already.
    """

    def __init__(
        self, backend: SandboxBackend, policy: PackagePolicy, *, cache: Path | None = None, offline: bool = False
    ) -> None:
        info = backend.open().info
        self._backend, self._policy, self._enforced = backend, policy, info.enforced
        self._offline = offline
        terms = (policy.index, str(policy.newest_days))
        self._shelf = Shelf((cache or cache_home()) / "packages", world=info.system, terms=terms)

    async def layer(self, requirements: Sequence[str], *, pinned: bool = False) -> Layer:
        """Packages for these requirements, made when they are not on the shelf.

        Args:
            pinned: every requirement is an exact version, so that what they lead to never changes.

        Raises:
            Unsupplied: there is no way to have them here.
            SandboxUnavailable: the box to install them in cannot be had.
        """
        self._refuse_backend()
        try:
            return await self._layer(requirements, pinned=pinned)
        except OSError as error:
            fix = "Make room, or set XDG_CACHE_HOME to a folder that can be written."
            raise Unsupplied(f"packages cannot be kept: {error}", fix=fix, stops=True) from error

    async def _layer(self, requirements: Sequence[str], *, pinned: bool) -> Layer:
        within = KEPT if pinned or self._offline else NEW_ENOUGH
        if (found := self._shelf.noted(requirements, within=within)) is not None:
            return found
        if self._offline:
            raise Unsupplied(
                f"{', '.join(requirements)} cannot be fetched, because nothing may leave this machine (offline)",
                fix="Use the standard library.",
            )
        async with self._shelf.alone(requirements):
            if (found := self._shelf.noted(requirements, within=within)) is not None:
                return found
            try:
                return await self._made(requirements)
            except Unsupplied as error:
                if error.stops and (found := self._shelf.noted(requirements, within=KEPT)) is not None:
                    return found
                raise

    async def _made(self, requirements: Sequence[str]) -> Layer:
        from agentverse.sandbox.packages.explaining import explained
        from agentverse.sandbox.packages.index import Index
        from agentverse.sandbox.packages.installing import Installing, find_uv
        from agentverse.sandbox.packages.source import find_source
        from agentverse.sandbox.packages.upstream import Upstream

        uv, shelf = find_uv(), self._shelf
        source = await find_source(self._policy.index)
        async with Upstream(source, newest_days=self._policy.newest_days, largest=LARGEST_FILE) as upstream:
            index = Index(upstream, shelf.folder / FILES)
            scratch = shelf.scratch(requirements)
            try:
                async with Installing(self._backend, index, uv) as box:
                    lock = await box.lock(requirements)
                    if (layer := shelf.find(lock)) is None:
                        await box.install(lock, scratch / SITE)
                        layer = await asyncio.to_thread(shelf.keep, scratch, lock)
            except Unsupplied as error:
                raise explained(error, index) from error
            finally:
                remove(scratch)
        for asked in (requirements, layer.pins):
            shelf.note(asked, lock)
        await asyncio.to_thread(shelf.throw_away)
        return layer

    def _refuse_backend(self) -> None:
        if self._enforced.get("folders shown") == "" or self._enforced.get("own servers") == "":
            raise Unsupplied(
                f"the sandbox {self._backend.name!r} cannot show a product packages",
                fix="Use bubblewrap or a container, or have the product written with the standard library alone.",
            )


def provision(layer: Layer) -> Provision:
    """What a command is given so that it can import from a layer."""
    path = f"{tooling.ENVIRONMENT['PYTHONPATH']}:{LAYER}"
    return Provision((Mount(layer.folder, LAYER),), {"PYTHONPATH": path}, layer.modules)
