"""The pictures that a turn on the tier ``vision`` is shown: those of the product, and those of evidence it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.tiers import VISION
from agentverse.engine.shows import PICTURES
from agentverse.engine.state import Stamp
from agentverse.models.pictures import BIGGEST, Picture, read_picture

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

MOST = 8
"""Pictures in one prompt; of more, the newest."""
LARGEST = 12 << 20
"""Bytes of all of them."""
_LONGEST_NAME = 80


class _Found(NamedTuple):
    stamp: Stamp
    picture: Picture


def pictures_of(visit: Visit, tier: str) -> tuple[Picture, ...]:
    """What is shown on ``tier``, oldest first, so that prompts of later turns begin alike; none on tiers of text."""
    if tier != VISION or not visit.work.sees:
        return ()
    oldest_first = sorted([*_of_files(visit), *_of_evidence(visit)], key=lambda found: found.stamp)
    kept: dict[str, Picture] = {}
    size = 0
    for _, picture in reversed(oldest_first):
        size += 0 if picture.digest in kept else len(picture.data)
        if size > LARGEST or len(kept) == MOST:
            break
        kept.setdefault(picture.digest, picture)
    return tuple(reversed(kept.values()))


def _of_files(visit: Visit) -> Iterator[_Found]:
    commit = visit.state.commit
    for path, note in visit.state.files_oldest_first():
        if visit.shown(note.artifact):
            content = visit.work.repo.read(commit, path)
            if (picture := read_picture(content, name=path, ref=f"{commit}:{path}")) is not None:
                yield _Found(note.stamp, picture)


def _of_evidence(visit: Visit) -> Iterator[_Found]:
    """Screenshots. Their files were written before the evidence that names them; one that is gone is not shown."""
    named = visit.flow.reads(visit.name)
    folder = visit.work.folder / PICTURES
    for made in visit.state.made.values():
        if made.name not in named or not isinstance(made.value, Evidence):
            continue
        for show in made.value.shows:
            for moment in show.moments:
                file = folder / moment.picture.rpartition("/")[2]
                if not moment.picture or not file.is_file() or file.stat().st_size > BIGGEST:
                    continue
                name = " ".join(f"{made.name}: {moment.did}".split())[:_LONGEST_NAME]
                if (picture := read_picture(file.read_bytes(), name=name, ref=f"{PICTURES}/{file.name}")) is not None:
                    yield _Found(made.stamp, picture)
