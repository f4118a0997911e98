"""The replies of a past run, stored so that it can be played again with no model."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agentverse.errors import RecordingExhausted, SettingsError
from agentverse.journal.events import Entry, Reply, RunStarted, Usage
from agentverse.models import estimate
from agentverse.models.keys import split_attempt
from agentverse.models.profiles import UNBOUNDED
from agentverse.models.protocol import Choice, Delta, Profile, Request, Response

VERSION = 1


class About(BaseModel):
    """What was recorded, for ``agentverse demo``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    idea: str = ""
    company: str = ""
    language: str = "en"
    title: dict[str, str] = {}


class Recorded(BaseModel):
    """One reply. ``key`` is that of its turn: phase#visit/item/turn, without the attempt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    text: str
    thinking: str = ""
    samples: list[str] = []
    finish: str = "stop"
    usage: Usage | None = None
    """None: estimated when it is played."""


class Recording(BaseModel):
    """A file of replies, in the order in which they were given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = VERSION
    about: About = About()
    replies: list[Recorded] = []

    def model_post_init(self, context: Any, /) -> None:
        turns: dict[str, list[Recorded]] = {}
        for reply in self.replies:
            turns.setdefault(reply.key, []).append(reply)
        self._turns = turns

    _turns: dict[str, list[Recorded]] = {}

    @classmethod
    def read(cls, path: str | Path) -> Recording:
        """Raises SettingsError: there is no such file, or it is none of ours."""
        file = Path(path)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise SettingsError(f"the recording {str(file)!r} cannot be read: {error.strerror}") from error
        try:
            recording = cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise SettingsError(f"{str(file)!r} is no recording: {place}: {first['msg']}") from None
        if recording.version > VERSION:
            raise SettingsError(
                f"the recording {str(file)!r} has version {recording.version}; this agentverse reads {VERSION}",
                fix="Update agentverse.",
            )
        return recording

    def reply(self, key: str) -> Recorded:
        """The reply for a request's key. Attempt n of a turn takes the n-th reply recorded for it, else the last.

        Raises:
            RecordingExhausted: none is recorded for this turn; names the nearest that are.
        """
        turn, attempt = split_attempt(key)
        recorded = self._turns.get(turn)
        if recorded:
            return recorded[min(max(attempt, 1), len(recorded)) - 1]
        near = difflib.get_close_matches(turn, list(self._turns), 3, 0.4)
        raise RecordingExhausted(
            f"the recording has no reply for {turn}; it was made with another version of the company, "
            "or the run took another path",
            fix=f"Nearest in it: {', '.join(near)}." if near else "It has nothing like it.",
        )


class RecordingModel:
    """Plays a recording as if a model answered at once."""

    provider = "recording"

    def __init__(self, recording: Recording, name: str = "recording") -> None:
        self.recording = recording
        self.name = name
        self.profile: Profile = UNBOUNDED

    @classmethod
    def open(cls, path: str | Path) -> RecordingModel:
        """Raises SettingsError."""
        return cls(Recording.read(path), Path(path).stem)

    async def contact(self) -> Mapping[str, Any]:
        return {"replies": len(self.recording.replies), **self.recording.about.model_dump()}

    async def complete(self, request: Request) -> Response:
        """Raises RecordingExhausted."""
        await asyncio.sleep(0)
        recorded = self.recording.reply(request.key)
        texts = (recorded.text, *recorded.samples)[: max(request.n, 1)]
        choices = tuple(
            Choice(text, recorded.thinking if index == 0 else "", recorded.finish) for index, text in enumerate(texts)
        )
        if request.on_delta is not None:
            request.on_delta(Delta(request.key, recorded.text, recorded.thinking))
        usage = recorded.usage or estimate.usage(request.messages, choices, self.profile)
        return Response(choices, usage, self.name)

    async def close(self) -> None:
        pass


def record(entries: Iterable[Entry], *, title: Mapping[str, str] | None = None, usage: bool = False) -> Recording:
    """The replies of a journal as a recording.

    Args:
        entries: a run's journal, in order.
        title: what it is called, by language.
        usage: keep the tokens that were counted; without it they are estimated when it is played.
    """
    about = About(title=dict(title or {}))
    replies: list[Recorded] = []
    for entry in entries:
        event = entry.event
        if isinstance(event, RunStarted):
            company = str(event.company.get("company", {}).get("name", ""))
            about = about.model_copy(update={"idea": event.idea, "company": company, "language": event.language})
        elif isinstance(event, Reply):
            replies.append(
                Recorded(
                    key=split_attempt(entry.key)[0],
                    text=event.text,
                    thinking=event.thinking,
                    samples=event.samples,
                    finish=event.finish,
                    usage=event.usage if usage else None,
                )
            )
    return Recording(about=about, replies=replies)


def save_recording(
    entries: Iterable[Entry], path: str | Path, *, title: Mapping[str, str] | None = None, usage: bool = False
) -> Recording:
    """Write the replies of a journal as a recording, and return it; see `record`."""
    recording = record(entries, title=title, usage=usage)
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    spare = file.with_name(f".{file.name}.part")
    spare.write_text(recording_text(recording), encoding="utf-8")
    spare.replace(file)
    return recording


def recording_text(recording: Recording) -> str:
    """JSON without what is as usual, one that a person can read and a diff can show."""
    kept: dict[str, Any] = {
        "version": recording.version,
        "about": recording.about.model_dump(),
        "replies": [
            {"key": reply.key, "text": reply.text, **reply.model_dump(exclude_defaults=True, exclude={"key", "text"})}
            for reply in recording.replies
        ],
    }
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
