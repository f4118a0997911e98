"""Which hosts may be asked, and that their names lead to public addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL


class NotPublic(OSError):
    """A name leads to an address that is not public."""


def listed(url: URL, hosts: Sequence[str]) -> bool:
    """Whether the settings allow the host of an address. A host without a port means the usual ports only."""
    host, port = _host(url), url.port
    for pattern in hosts:
        name, wanted = _split(pattern)
        if port != wanted and not (wanted is None and url.is_default_port()):
            continue
        if host == name or (name.startswith("*.") and host.endswith(name[1:])):
            return True
    return False


def _host(url: URL) -> str:
    return (url.host or "").lower().rstrip(".")


def _split(pattern: str) -> tuple[str, int | None]:
    if pattern.startswith("["):
        name, _, port = pattern[1:].partition("]")
        return name, int(port[1:]) if port else None
    name, _, port = pattern.partition(":")
    return name, int(port) if port else None


class PublicOnly(AbstractResolver):
    """Resolves names to public addresses. A literal address never comes here, so it is reached only when it is listed;
    neither is ``localhost`` looked at, which means what it says.

    The address that was looked at is the one that is connected to.
    """

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """Raises NotPublic."""
        found = await self._inner.resolve(host, port, family)  # pyright: ignore[reportArgumentType]
        if host != "localhost" and not all(_public(result["host"]) for result in found):
            raise NotPublic(host)
        return found

    async def close(self) -> None:
        await self._inner.close()


def _public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    real = mapped or found
    return real.is_global and not real.is_multicast
