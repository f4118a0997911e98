"""The compilers and interpreters of a programming language: whether they are here, and how a box gets to see them."""

from __future__ import annotations

import asyncio
import glob
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentverse.blueprint.language import ProgrammingLanguage, words
from agentverse.blueprint.text import localize
from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import tooling
from agentverse.sandbox.protocol import Limits, Mount, Provision, Sandbox, SandboxBackend

LOOK = "import os, shutil, sys; print(*(int(bool(shutil.which(p) or os.path.isfile(p))) for p in sys.argv[1:]))"
"""Run in the box with programs and paths: prints 1 for each that is there, else 0."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a language cannot be used here, one sentence, and what to do about it."""

    why: str
    fix: str = ""


def provision(language: ProgrammingLanguage) -> Provision:
    """The folders and variables that the commands of ``language`` need; what is not on this machine is left out."""
    mounts = [Mount(found, target) for target in language.folders if (found := _on_host(language.folders[target]))]
    env = dict(language.env)
    if language.path:
        env["PATH"] = ":".join([*language.path, tooling.ENVIRONMENT["PATH"]])
    return Provision(tuple(mounts), env)


def limits(language: ProgrammingLanguage, *, seconds: float | None = None) -> Limits:
    """What one command of ``language`` may use; ``seconds`` is the phase's own time."""
    bounds, wall = language.limits, seconds or language.limits.seconds
    if bounds == type(bounds)():
        return Limits(wall=wall)
    return Limits(
        wall=wall,
        cpu=max(60, int(2 * wall)),
        memory=bounds.memory * MIB,
        pids=bounds.processes,
        disk=bounds.disk * MIB,
        output=bounds.output * MIB,
    )


def _on_host(patterns: Sequence[str]) -> Path | None:
    """The folder that the first fitting pattern leads to; of several the one with the highest version."""
    for pattern in patterns:
        found = [path for path in glob.glob(os.path.expanduser(pattern)) if os.path.isdir(path)]
        if found:
            return Path(os.path.realpath(max(found, key=_version)))
    return None


def _version(path: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", path)]


async def survey(
    backend: SandboxBackend, languages: Mapping[str, ProgrammingLanguage], tongue: str = "en"
) -> dict[str, Lack | None]:
    """Which languages can be used, found out by looking from inside a box.

    Args:
        tongue: the language of the people, ``en`` or ``zh``, for titles.

    Returns:
        Language: what it lacks, or None.

    Raises:
        SandboxUnavailable: there is no box to look from.
    """
    async with backend.open() as box:
        seen = await asyncio.gather(*(_seen(box, backend.name, one) for one in languages.values()))
    lacks: dict[str, Lack | None] = {}
    for (name, language), (missing, why) in zip(languages.items(), seen, strict=True):
        title = localize(language.title, tongue) or name
        lacks[name] = _lack(language, title, missing, why) if missing or why else None
    return lacks


async def _seen(box: Sandbox, backend: str, language: ProgrammingLanguage) -> tuple[list[str], str]:
    """Programs and files that a command in the box does not find, and what else is wrong."""
    if not language.needs:
        return [], ""
    given = provision(language)
    try:
        found = await box.exec(["python", "-c", LOOK, *language.needs], mounts=given.mounts, env=given.env)
    except SandboxUnavailable as error:
        if not given.mounts:
            raise
        return [], str(error)
    marks = found.stdout.decode("ascii", "replace").split()
    if not found.ok or len(marks) != len(language.needs):
        return [], f"the sandbox {backend!r} could not be looked into"
    missing = [need for need, mark in zip(language.needs, marks, strict=True) if mark != "1"]
    if missing or not language.probe:
        return missing, ""
    probe = words(language.probe)
    bounds = limits(language, seconds=20.0)
    tried = await box.exec(probe, mounts=given.mounts, env=given.env, limits=bounds)
    return [], "" if tried.ok else f"the {probe[0]} that is installed will not do"


def _lack(language: ProgrammingLanguage, title: str, missing: Sequence[str], why: str) -> Lack:
    if not missing:
        return Lack(f"{title} cannot be used here: {why}", _install(language.needs.values()))
    hidden = [need for need in missing if shutil.which(need) or os.path.isfile(need)]
    if len(hidden) == len(missing):
        what = f"{_listed(hidden)} {_are(hidden)} installed, but not where the sandbox sees it"
        return Lack(
            f"{title} cannot be used here: {what}", f"Name the folder in languages/{language.name}.yaml: folders"
        )
    packages = [language.needs[need] for need in missing if need not in hidden]
    return Lack(f"{title} cannot be used here: {_listed(missing)} {_are(missing)} not installed", _install(packages))


def _install(packages: Iterable[str]) -> str:
    names = list(dict.fromkeys(name for name in packages if name))
    return f"apt-get install -y {' '.join(names)}" if names else ""


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _one(names: Sequence[str]) -> bool:
    return len(names) == 1


def _are(names: Sequence[str]) -> str:
    return "is" if _one(names) else "are"
