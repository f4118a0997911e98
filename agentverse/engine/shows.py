"""The product looked at after its command passed: what was seen is part of the evidence; pictures lie beside it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from agentverse.blueprint.artifacts import Design, Evidence, Requirements, Show, ShowKind, Tour
from agentverse.engine import foreign
from agentverse.engine.languages import is_python
from agentverse.sandbox import toolchain
from agentverse.sandbox.looks.choose import kinds_of, missing_entry, start_of
from agentverse.sandbox.looks.protocol import Look, Looks
from agentverse.sandbox.protocol import Provision

if TYPE_CHECKING:
    from agentverse.blueprint.company import Trial
    from agentverse.engine.visit import Visit
    from agentverse.engine.work import Work

PICTURES = "pictures"
"""Folder for them in the run's folder."""
MOST, BIGGEST = 13, 4 << 20
"""Pictures kept of one look, and bytes of one."""


async def with_shows(
    work: Work, visit: Visit, evidence: Evidence, files: Mapping[str, bytes], trial: Trial, provision: Provision
) -> Evidence:
    """Evidence of a command that passed, with the product looked at; it passes no more when a look fails.

    A look that could not be made on this machine is in the evidence as ``not_run``, and neither passes nor fails it.
    """
    values = list(visit.state.values().values())
    requirements = next((value for value in values if isinstance(value, Requirements)), None)
    design = next((value for value in values if isinstance(value, Design)), None)
    code = visit.code
    kinds: tuple[ShowKind, ...] = (
        kinds_of(files, requirements, design, is_test=code.is_test) if trial.show == "auto" else (trial.show,)
    )
    if kinds and (missing := missing_entry(files, design)):
        show = Show(kind=kinds[0], passed=False, reason=f"there is no {missing}, which the design says is started")
        return _judged(evidence, [show])
    tour = visit.state.values().get(trial.tour or "")
    steps = tour.steps if isinstance(tour, Tour) else []
    shows: list[Show] = []
    for kind in kinds:
        # Pages without a program of their own are served by ours.
        by_us = is_python(code) or not code.start
        start = start_of(files, design, kind) if by_us else foreign.start_of(code, files, design)
        if start is None:
            continue
        start = replace(start, mounts=provision.mounts, env={**start.env, **provision.env})
        look: Looks = import_module(f"agentverse.sandbox.looks.{kind}").look
        limits = toolchain.limits(code, seconds=visit.spec.timeout)
        async with work.host.sandbox.open(limits=limits) as box:
            await box.put(files)
            if not is_python(code):
                await foreign.make_ready(box, code, files, limits=limits, provision=provision)
            seen = await look(box, start, steps, limits=limits)
        show = _kept(work.folder / PICTURES, f"{visit.name}-{visit.number}", seen)
        shows.append(_compared(show, visit))
    return _judged(evidence, shows) if shows else evidence


def _judged(evidence: Evidence, shows: list[Show]) -> Evidence:
    failed = next((show for show in shows if not show.passed and show.ended != "not_run"), None)
    if failed is None:
        return evidence.model_copy(update={"shows": shows})
    seen = "page" if failed.kind == "web" else failed.kind
    reason = f"Seen as a {seen}, {failed.reason.rstrip('.')}."
    return evidence.model_copy(update={"shows": shows, "passed": False, "reason": reason})


def _compared(show: Show, visit: Visit) -> Show:
    """A look at a command with what it prints otherwise than when the phase first accepted it: a note, no failure."""
    if show.kind != "command" or not show.passed:
        return show
    for seen in visit.flow.shown.get(visit.name + visit.item, ()):
        for accepted in seen.evidence.shows:
            if accepted.kind == show.kind and accepted.passed:
                then = {moment.did: moment.saw for moment in accepted.moments}
                changed = [now.did for now in show.moments if then.get(now.did, now.saw) != now.saw]
                return show.model_copy(update={"changed": changed, "since": seen.visit.number if changed else 0})
    return show


def _kept(folder: Path, name: str, look: Look) -> Show:
    """The show with its pictures written down; they are there before the event that names them is."""
    moments = list(look.show.moments)
    kept = 0
    for index, moment in enumerate(moments):
        picture = look.pictures.get(moment.picture, b"")
        if not picture or kept >= MOST or len(picture) > BIGGEST:
            moments[index] = moment.model_copy(update={"picture": ""})
            continue
        kept += 1
        path = folder / f"{name}-{index}-{hashlib.sha256(picture).hexdigest()[:8]}.png"
        _write(path, picture)
        moments[index] = moment.model_copy(update={"picture": f"{PICTURES}/{path.name}"})
    return look.show.model_copy(update={"moments": moments})


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    beside = path.with_suffix(".part")
    with open(beside, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
