"""Where packages come from: the index that is set here, or that pip and uv on this machine are set up for.

No index is named in agentverse. Further indexes and folders that pip may be set up for are left out: with more than one
place for a name, whoever owns the name in the other place decides what is installed.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentverse.errors import Unsupplied

VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
"""What uv and pip themselves read."""
PATIENCE = 30.0
"""Seconds that pip may take to say what it is set up for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A package index.

    Attributes:
        url: of the folder that holds a page for every package. It may hold a password.
        authorities: a file of certificates to trust in place of the system's; "" for the system's.
    """

    url: str
    authorities: str = ""

    @property
    def shown(self) -> str:
        """The URL for people: without a name or a password."""
        return re.sub(r"//[^/@]*@", "//", self.url)


async def find_source(index: str, *, env: Mapping[str, str] | None = None) -> Source:
    """Find the index to use.

    Args:
        index: the URL that was set; "" looks at the variables, then at pip's own settings, then at pip's default.
        env: the environment; the process's own when left out.

    Raises:
        Unsupplied: none is known.
    """
    env = os.environ if env is None else env
    url = _first([index, *(re.sub(r"^[\w-]+=", "", env.get(name, "")) for name in VARIABLES)])
    authorities = env.get("SSL_CERT_FILE") or env.get("PIP_CERT") or ""
    if not url or (url.startswith("https:") and not authorities):
        said = await _pip_settings(env)
        url = url or _first([said.get("install.index-url"), said.get("global.index-url"), _default_of_pip()])
        authorities = authorities or said.get("install.cert") or said.get("global.cert") or ""
    if not url:
        raise Unsupplied("no package index is known on this machine", fix="Set packages.index.", stops=True)
    return Source(url.rstrip("/"), authorities)


def _first(urls: Iterable[str | None]) -> str:
    """The first that can be asked over HTTP."""
    return next((url for url in urls if url and re.match(r"https?://", url)), "")


async def _pip_settings(env: Mapping[str, str]) -> dict[str, str]:
    """What pip's files say, by names such as ``global.index-url``; nothing where pip is not installed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(env),
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate()
    except TimeoutError:
        return {}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _read_settings(out.decode(errors="replace"))


def _read_settings(said: str) -> dict[str, str]:
    """Read ``name='value'`` lines."""
    found: dict[str, str] = {}
    for line in said.splitlines():
        name, _, value = line.partition("=")
        try:
            found[name] = str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            continue
    return found


def _default_of_pip() -> str:
    """The index that pip uses when nothing is set; "" where pip is not installed."""
    try:
        return str(importlib.import_module("pip._internal.models.index").PyPI.simple_url)
    except (ImportError, AttributeError):
        return ""
