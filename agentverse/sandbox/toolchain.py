"""The compilers and interpreters of a programming language: whether they are here, and how a box gets to see them."""

from __future__ import annotations

import glob
import json
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

LOOK = """
import json, os, shutil, sys
for path, needs in json.loads(sys.argv[1]):
    print(*(int(bool(shutil.which(need, path=path) or os.path.isfile(need))) for need in needs))
"""
"""Run in the box with search paths and what is needed there: a line for each, with 1 for what is there, else 0."""
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


async def survey(backend: SandboxBackend, languages: Mapping[str, ProgrammingLanguage]) -> dict[str, Lack | None]:
    """Which languages can be used, found out by looking from inside a box.

    Returns:
        Language: what it lacks, or None.

    Raises:
        SandboxUnavailable: there is no box to look from.
    """
    lacks: dict[str, Lack | None] = {}
    given = {name: provision(language) for name, language in languages.items()}
    async with backend.open() as box:
        try:
            missing = await _missing(box, languages, given)
        except SandboxUnavailable as error:
            shown = {name for name, one in given.items() if one.mounts}
            if not shown:
                raise
            lacks |= {name: _unusable(languages[name], str(error), error.fix or "") for name in shown}
            missing = await _missing(box, {n: one for n, one in languages.items() if n not in shown}, given)
        lacks |= {name: _lack(languages[name], absent) if absent else None for name, absent in missing.items()}
        for name in await _failing(box, {n: languages[n] for n, lack in lacks.items() if lack is None}, given):
            program = words(languages[name].probe)[0]
            why = f"the {program} that is installed is too old, or not whole"
            lacks[name] = _unusable(languages[name], why, f"Install a newer {program}.")
    return {name: lacks[name] for name in languages}


async def _missing(
    box: Sandbox, languages: Mapping[str, ProgrammingLanguage], given: Mapping[str, Provision]
) -> dict[str, list[str]]:
    """Language: the programs and files that its commands would not find. One command looks for all of them."""
    paths = [given[name].env.get("PATH", tooling.ENVIRONMENT["PATH"]) for name in languages]
    wanted = [(path, list(one.needs)) for path, one in zip(paths, languages.values(), strict=True)]
    mounts = dict.fromkeys(mount for name in languages for mount in given[name].mounts)
    found = await box.exec(["python", "-c", LOOK, json.dumps(wanted)], mounts=tuple(mounts))
    lines = found.stdout.decode("ascii", "replace").splitlines()
    if not found.ok or len(lines) != len(languages):
        raise SandboxUnavailable("the sandbox could not be looked into", fix="See: agentverse doctor --deep")
    return {
        name: [need for need, mark in zip(one.needs, line.split(), strict=True) if mark != "1"]
        for (name, one), line in zip(languages.items(), lines, strict=True)
    }


async def _failing(
    box: Sandbox, languages: Mapping[str, ProgrammingLanguage], given: Mapping[str, Provision]
) -> list[str]:
    """Languages whose probe fails. Languages with the same one share it."""
    tried: dict[tuple[object, ...], bool] = {}
    failing: list[str] = []
    for name, language in languages.items():
        probe, own = words(language.probe), given[name]
        key = (*probe, own.mounts, *sorted(own.env.items()))
        if probe and key not in tried:
            bounds = limits(language, seconds=20.0)
            tried[key] = (await box.exec(probe, mounts=own.mounts, env=own.env, limits=bounds)).ok
        if not tried.get(key, True):
            failing.append(name)
    return failing


def _lack(language: ProgrammingLanguage, missing: Sequence[str]) -> Lack:
    hidden = [need for need in missing if shutil.which(need) or os.path.isfile(need)]
    if len(hidden) == len(missing):
        fix = f"Name the folder in languages/{language.name}.yaml: folders"
        return _unusable(language, f"{_listed(hidden)} installed, but not where the sandbox sees it", fix)
    absent = [need for need in missing if need not in hidden]
    packages = [language.needs[need] for need in absent]
    return _unusable(language, f"{_listed(absent)} not installed", _install(packages))


def _unusable(language: ProgrammingLanguage, why: str, fix: str = "") -> Lack:
    title = localize(language.title, "en") or language.name
    return Lack(f"{title} cannot be used here: {why}", fix or _install(language.needs.values()))


def _install(packages: Iterable[str]) -> str:
    names = list(dict.fromkeys(name for name in packages if name))
    return f"apt-get install -y {' '.join(names)}" if names else ""


def _listed(names: Sequence[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are"
