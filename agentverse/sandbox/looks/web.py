"""A product that serves pages as a person sees it: pages in a browser, pictures of them, clicks and what they lead to.

The server and the browser share a box, and nothing else can be reached from there. A page that needs something of the
internet is wrong: who runs the product may have none either.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from agentverse.blueprint.artifacts import Moment, Show, Step
from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import scrub
from agentverse.sandbox.live.browser import Chromium
from agentverse.sandbox.live.pagewatch import is_own
from agentverse.sandbox.live.terminal import squeezed
from agentverse.sandbox.looks import pixels, serving
from agentverse.sandbox.looks.protocol import Look, Start
from agentverse.sandbox.protocol import Browser, Limits, PageError, Running, Sandbox, Trouble

APPEARS, ANSWERS, NEXT, LONGEST_WAIT = 20.0, 5.0, 2.0, 3.0
"""Seconds: until something must be served, from then until it must be a page, until a step must show, and that a step
may wait."""
BEAT = 0.05
KEPT = 2000
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "BROWSER": "true"}
"""What it prints is wanted before it is killed; and it shall not open a browser of its own."""
REFUSALS = frozenset({"Document", "Fetch", "XHR"})
"""Requests that a server may refuse for good reason."""


async def look(box: Sandbox, start: Start, tour: Sequence[Step], *, limits: Limits) -> Look:
    """Start the product's server, find where it listens, open the page of 1000 by 700 and use it.

    ``open`` opens a path, ``click`` clicks what is so called, ``type`` writes ``field = text``, ``key`` presses a key,
    ``wait`` waits. Text in ``see`` must be on the page, or have been said by a dialog, within two seconds. A page
    must not stay blank, raise or log an error, or need what is not there. What a server refuses with a status from 400
    to 499 is well when the step says what must be seen then, and that is seen.

    Raises:
        SandboxUnavailable: nothing could be started.
    """
    began = time.monotonic()
    try:
        if box.info.enforced.get("own servers", "yes") == "":
            raise SandboxUnavailable("this sandbox lets no program reach a server", fix="use bubblewrap or a container")
        await box.spawn(["true"], name="mounts", mounts=[*Chromium.mounts(), *start.mounts])
        before = await serving.listening(box)
        server = await box.spawn(start.argv, name="product", env={**ENVIRONMENT, **start.env})
        browser = await box.browser()
    except SandboxUnavailable as error:
        return _not_run(start, error)
    visit = _Visit(box, browser, server)
    try:
        reason = await visit.see(start, before, tour)
        result = await server.wait() if server.over else None
    except ConnectionError as error:
        reason, result = visit.broken(error), None
    finally:
        await server.kill()
        await browser.close()
    show = Show(
        kind="web",
        command=list(start.argv),
        passed=not reason,
        reason=reason,
        ended=result.reason if result is not None else "exited",
        moments=visit.moments,
        seconds=round(time.monotonic() - began, 2),
    )
    return Look(show, visit.pictures)


def _not_run(start: Start, error: SandboxUnavailable) -> Look:
    return Look(
        Show(
            kind="web",
            command=list(start.argv),
            passed=False,
            reason=str(error),
            ended="not_run",
            fix=error.fix or "",
        )
    )


class _Visit:
    """A person at the product: where they are, what they did last, what they saw so far."""

    def __init__(self, box: Sandbox, browser: Browser, server: Running) -> None:
        self._box, self._browser, self._server = box, browser, server
        self._base = ""
        self._troubles = self._dialogs = self._printed = 0
        """How much there was before this step."""
        self.did = "start"
        self.moments: list[Moment] = []
        self.pictures: dict[str, bytes] = {}

    async def see(self, start: Start, before: frozenset[int], tour: Sequence[Step]) -> str:
        """Open the first page and take the tour; return what is wrong, or ""."""
        steps = [step for step in tour if step.do != "run"]
        first = steps.pop(0) if steps and steps[0].do == "open" else Step(do="open", what=start.page)
        self.did = f"open {first.what}"
        if reason := await self._arrive(first.what, before) or await self._judge(first):
            return reason
        for step in steps:
            self.did = f"{step.do} {step.what}".strip()
            self._troubles, self._dialogs = len(self._browser.troubles), len(self._browser.dialogs)
            self._printed = len(self._server.printed())
            if reason := await self._do(step) or await self._judge(step):
                return reason
        return serving.ending(await self._server.wait()) if self._server.over else ""

    def broken(self, error: ConnectionError) -> str:
        """Why nothing can be seen any more: what went wrong before that, or else the error itself."""
        return f"after {self.did!r} {self._wrong(excused=False) or error}"

    async def _arrive(self, page: str, before: frozenset[int]) -> str:
        """Find the port that serves pages, and open the first; one that answers with an error is the last choice."""
        deadline = time.monotonic() + APPEARS
        why = f"nothing was served within {APPEARS:g} seconds"
        while not self._server.over and time.monotonic() < deadline:
            ports = sorted(await serving.listening(self._box) - before)
            for port in ports:
                self._base = serving.address(port, self._server.printed())
                self._troubles = len(self._browser.troubles)
                try:
                    status = await self._browser.goto(self._url(page))
                except PageError as error:
                    why = self._because(f"{self.did}: {error}")
                    deadline = min(deadline, time.monotonic() + ANSWERS)
                    continue
                if status < 400 or port == ports[-1]:
                    return ""
            await asyncio.sleep(BEAT)
        return serving.ending(await self._server.wait()) if self._server.over else why

    async def _do(self, step: Step) -> str:
        """Do a step; return why it cannot be done, or ""."""
        try:
            if step.do == "open":
                await self._browser.goto(self._url(step.what))
            elif step.do == "click":
                await self._browser.click(step.what)
            elif step.do == "type":
                field, equals, text = step.what.partition("=")
                await self._browser.type(field.strip() if equals else "", text.strip() if equals else step.what)
            elif step.do == "key":
                await self._browser.key(step.what)
            else:
                with suppress(ValueError):
                    await asyncio.sleep(min(max(float(step.what or 1), 0.0), LONGEST_WAIT))
        except PageError as error:
            return self._because(f"{self.did}: {error}")
        except ValueError as error:
            return f"the tour is wrong: {error}"
        return ""

    async def _judge(self, step: Step) -> str:
        """Look at the page after a step; return what is wrong with it, or ""."""
        shown = await self._until(step.see)
        await self._browser.settle()
        picture = await self._picture()
        await self._keep(picture)
        if self._server.over:
            return serving.ending(await self._server.wait())
        if wrong := self._wrong(excused=bool(step.see) and shown):
            return f"after {self.did!r} {wrong}"
        if step.do == "open" and pixels.blank(picture):
            return f"after {self.did!r} the page stays blank"
        return "" if shown else f"after {self.did!r} the page did not show {step.see!r}"

    async def _until(self, wanted: str) -> bool:
        """Wait until the page, or a dialog, shows this, whatever its case and spaces."""
        deadline = time.monotonic() + NEXT
        while squeezed(wanted) not in squeezed(await self._text()):
            if time.monotonic() > deadline or self._server.over:
                return False
            await asyncio.sleep(BEAT)
        return True

    async def _text(self) -> str:
        try:
            page = await self._browser.text()
        except PageError:  # one page follows another
            page = ""
        return "\n".join([*self._browser.dialogs[self._dialogs :], scrub.clean(page)])

    async def _picture(self) -> bytes:
        """The page as it is once something is on it, or it had time enough, or something went wrong."""
        deadline = time.monotonic() + NEXT
        picture = await self._browser.screenshot()
        while pixels.blank(picture) and time.monotonic() < deadline and not self._server.over:
            if len(self._browser.troubles) > self._troubles:
                break
            await asyncio.sleep(BEAT)
            picture = await self._browser.screenshot()
        return picture

    async def _keep(self, picture: bytes) -> None:
        name = f"{len(self.moments)}.png"
        self.pictures[name] = picture
        self.moments.append(Moment(did=self.did, saw=(await self._text())[:KEPT], picture=name))

    def _wrong(self, *, excused: bool) -> str:
        """What went wrong since the last step; "" when nothing did."""
        found = list(self._browser.troubles[self._troubles :])
        refused = [one for one in found if one.resource in REFUSALS and 400 <= one.status < 500]
        if excused and refused:  # pages tend to log what they are refused
            found = [one for one in found if one not in refused and one.kind != "console"]
        return self._because(_sentence(found[0])) if found else ""

    def _because(self, what: str) -> str:
        """A sentence, with the error that the server printed meanwhile."""
        error = serving.crash(self._server.printed(self._printed))
        return f"{what}, while the server said: {error}" if error else what

    def _url(self, page: str) -> str:
        """A page of the product's own server, whatever server the tour names.

        Raises:
            ValueError: it is no address.
        """
        parts = urlsplit(page)
        return self._base + parts._replace(scheme="", netloc="", path="/" + parts.path.lstrip("/")).geturl()


def _sentence(trouble: Trouble) -> str:
    if trouble.kind == "error":
        return f"the page raised an error: {trouble.text}"
    if trouble.kind == "console":
        return f"the page logged an error: {trouble.text}"
    if trouble.kind == "unanswered" and not is_own(trouble.url):
        return f"{trouble.text}; a page may need only what the product itself serves"
    return trouble.text
