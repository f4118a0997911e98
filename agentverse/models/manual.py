"""A person plays the model: each request is a file to read, each reply a file to write."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentverse.errors import SettingsError
from agentverse.models import estimate
from agentverse.models.constraint import JsonSchema
from agentverse.models.keys import safe_name
from agentverse.models.messages import normalise
from agentverse.models.profiles import UNBOUNDED
from agentverse.models.protocol import Choice, Delta, Profile, Request, Response
from agentverse.models.thinking import split_thinking

LOOK_SECONDS = 0.15
"""Between two looks at a reply. A reply counts when it is the same in both."""
INDEX = "PENDING"
_MARK = re.compile(r"<!-- agentverse key=(?P<key>\S*) prompt=(?P<prompt>[0-9a-f]{16}) -->")
_NUMBER = re.compile(r"(\d{4,})-")


class ManualModel:
    """Requests are written to ``folder`` as ``0007-check#1-repair.1.md``; the reply is read from
    ``0007-check#1-repair.1.reply.md`` beside it once it is there, not empty, and written to its end. The file
    ``PENDING`` lists what waits for a reply. A request asked before, with the same key and the same words, takes the
    reply that is there already. Nobody hurries a person: the deadline of a call does not count here.

    Args:
        folder: made when it is missing.

    Raises:
        SettingsError: no folder is named.
    """

    provider = "manual"
    name = "manual"

    def __init__(self, folder: str | Path) -> None:
        if not str(folder):
            raise SettingsError("the manual provider needs a folder", fix="Write manual:FOLDER.")
        self.folder = Path(folder)
        self.profile: Profile = UNBOUNDED
        self._waiting: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def contact(self) -> Mapping[str, Any]:
        return {"url": str(self.folder)}

    async def complete(self, request: Request) -> Response:
        """Waits until a person has replied. Further samples are further files."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(request, sample)) for sample in range(1, max(request.n, 1) + 1)]
        choices = tuple(task.result() for task in tasks)
        if request.on_delta is not None:
            request.on_delta(Delta(request.key, choices[0].text, choices[0].thinking))
        return Response(choices, estimate.usage(request.messages, choices, self.profile), self.name)

    async def close(self) -> None:
        pass

    async def _ask(self, request: Request, sample: int) -> Choice:
        key = request.key if sample == 1 else f"{request.key}~{sample}"
        stem = ""
        try:
            async with self._lock:
                stem = await asyncio.to_thread(self._put, request, key)
                self._waiting[stem] = key
                await asyncio.to_thread(self._list)
            said = split_thinking(await self._reply(stem))
            return Choice(said.text, said.thinking)
        finally:
            if self._waiting.pop(stem, None) is not None:
                self._list()

    def _put(self, request: Request, key: str) -> str:
        """Write the request unless it is there; return its file name without ``.md``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        prompt = _prompt_hash(request)
        mark = f"<!-- agentverse key={_token(key)} prompt={prompt} -->"
        highest = 0
        for file in sorted(self.folder.glob("*.md")):
            if number := _NUMBER.match(file.name):
                highest = max(highest, int(number[1]))
            if not file.name.endswith(".reply.md") and _first_line(file) == mark:
                return file.name.removesuffix(".md")
        stem = f"{highest + 1:04d}-{safe_name(key)}"
        _write(self.folder / f"{stem}.md", self._page(request, key, stem, mark))
        return stem

    def _page(self, request: Request, key: str, stem: str, mark: str) -> str:
        parts = [mark, f"# {key}"]
        for message in normalise(request.messages, self.profile):
            parts += [f"## {message['role']}", message["content"]]
        if isinstance(request.constraint, JsonSchema):
            schema = json.dumps(request.constraint.schema, ensure_ascii=False, indent=2)
            parts += ["## form", "The reply must be JSON of this schema, and nothing else:", f"```json\n{schema}\n```"]
        parts += ["---", f"Write the reply, and only the reply, to `{stem}.reply.md` in this folder."]
        return "\n\n".join(parts) + "\n"

    async def _reply(self, stem: str) -> str:
        file = self.folder / f"{stem}.reply.md"
        before: tuple[int, int, int] | None = None
        while True:
            seen, text = await asyncio.to_thread(_look, file, before)
            if text is not None:
                return text
            before = seen
            await asyncio.sleep(LOOK_SECONDS)

    def _list(self) -> None:
        lines = [f"{stem}.md\t{key}" for stem, key in sorted(self._waiting.items())]
        _write(self.folder / INDEX, "".join(f"{line}\n" for line in lines))


def _look(file: Path, before: tuple[int, int, int] | None) -> tuple[tuple[int, int, int] | None, str | None]:
    """What identifies the file as it is now, and its text when it has not changed since ``before``."""
    try:
        stat = file.stat()
        now = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if now != before:
            return now, None
        text = file.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except FileNotFoundError:
        return None, None
    return now, text if text.strip() else None


def _prompt_hash(request: Request) -> str:
    words = [[message.role, message.content] for message in request.messages]
    schema = request.constraint.schema if isinstance(request.constraint, JsonSchema) else None
    text = json.dumps([words, schema], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _token(key: str) -> str:
    """The key as one word that cannot end the comment it stands in."""
    return json.dumps(key).strip('"').replace(" ", "\\u0020").replace("--", "\\u002d\\u002d")


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline().rstrip("\n")


def _write(file: Path, text: str) -> None:
    spare = file.with_name(f".{file.name}.part")
    spare.write_text(text, encoding="utf-8", errors="replace")
    os.replace(spare, file)
