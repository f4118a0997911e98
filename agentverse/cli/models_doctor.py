"""What ``agentverse models doctor`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agentverse.cli.catalogue_table import fit_json, machine_json, machine_lines, say
from agentverse.cli.text import size
from agentverse.cli.words import word
from agentverse.models.catalogue.checkup import PACKAGES, Checkup
from agentverse.models.servers.discover import PORTS

Tier = Mapping[str, Any]


def as_json(found: Checkup, tiers: Sequence[Tier]) -> dict[str, Any]:
    """The same for programs."""
    choice = found.choice
    return {
        "tiers": list(tiers),
        "machine": machine_json(found.machine),
        "disk": {"folder": str(found.folder), "free": found.free},
        "engines": [asdict(one) for one in found.engines],
        "listening": list(found.listening),
        "pulled": [str(path) for path in found.pulled],
        "choice": choice and {"name": choice.entry.name, "form": choice.form, "fit": fit_json(choice.fit)},
        "next": _next(found, tiers, "en"),
    }


def show(found: Checkup, tiers: Sequence[Tier], language: str) -> None:
    """Print it, and one thing to do next."""
    say(word("machine", language))
    for line in [*machine_lines(found.machine, language), *_surroundings(found, language)]:
        say(f"  {line}")
    say(f"\n{word('configured', language)}")
    for tier in tiers:
        say(f"  {tier['tier']:<7} {tier['model'] or tier['provider']}  {tier['place']}: {_answer(tier, language)}")
    if not tiers:
        say(f"  {word('none_configured', language)}")
    say(f"\n{word('next', language, step=_next(found, tiers, language))}")


def _surroundings(found: Checkup, language: str) -> list[str]:
    lines = [word("disk_room", language, free=size(found.free), folder=found.folder)]
    for one in found.engines:
        package = PACKAGES[one.engine]
        about = {"engine": package, "version": one.version or one.program}
        lines.append(word("installed", language, **about) if one.there else word("not_installed", language, **about))
    for port in found.listening:
        lines.append(word("listening", language, port=port, server=PORTS[port]))
    if not found.listening:
        lines.append(word("nothing_listens", language, ports=", ".join(map(str, PORTS))))
    return lines + [f"{word('pulled', language)}: {path}" for path in found.pulled]


def _answer(tier: Tier, language: str) -> str:
    if tier["answers"] and "size" in tier:
        return word("answers_vectors", language, size=tier["size"])
    if tier["answers"]:
        return word("answers", language, context=f"{tier['context']:,}")
    return word("no_answer", language, problem=tier["problem"])


def _next(found: Checkup, tiers: Sequence[Tier], language: str) -> str:
    broken = next((tier for tier in tiers if not tier["answers"]), None)
    if broken is not None:
        return broken["fix"] or word("step_mend", language, origin=broken["origin"])
    if any(tier["tier"] == "edge" for tier in tiers):
        return word("step_run", language)
    step = found.step()
    return step.what if step.code == "driver" else word(f"step_{step.code}", language, what=step.what)
