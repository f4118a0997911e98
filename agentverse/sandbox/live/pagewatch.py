"""What goes wrong on pages, gathered from the events that the browser tells."""

from __future__ import annotations

import asyncio
from typing import cast
from urllib.parse import urlsplit

from agentverse.sandbox import scrub
from agentverse.sandbox.live.cdp import Message, mapping, string
from agentverse.sandbox.protocol import Trouble

MOST, MOST_WAITING = 100, 1000
"""Troubles that are kept, and requests that are remembered while they are not answered."""
LINE = 300
ENDLESS = frozenset({"EventSource", "WebSocket", "Ping", "Media"})
"""Requests that go on by nature."""
UNASKED = "/favicon.ico"
"""What browsers ask for by themselves."""


class PageWatch:
    """Troubles and open requests of one page; fed with every event."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self.statuses: dict[str, int] = {}
        """Of documents, by the number that loading them has."""
        self.news = asyncio.Event()
        """Set whenever the page asked for something, got it, or was loaded."""
        self.loaded = asyncio.Event()
        self._open: dict[str, Message] = {}

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(string(request.get("type")) not in ENDLESS for request in self._open.values())

    @property
    def documents(self) -> dict[str, Message]:
        """Pages that are still to come."""
        return {number: request for number, request in self._open.items() if request.get("type") == "Document"}

    def give_up_documents(self) -> None:
        """Make troubles of pages that are still to come."""
        for number, request in self.documents.items():
            url = string(request.get("url"), 2000)
            self._add(Trouble("unanswered", f"{shortened(url)} was not answered in time", url, resource="Document"))
            del self._open[number]

    def stop(self) -> None:
        """Let nobody wait for a browser that is gone."""
        self._open.clear()
        self.loaded.set()
        self.news.set()

    def heard(self, method: str, said: Message) -> None:
        """An event. What makes no sense is passed over."""
        match method:
            case "Network.requestWillBeSent":
                self._open[string(said.get("requestId"))] = {
                    "type": said.get("type"),
                    "url": string(mapping(said.get("request")).get("url"), 2000),
                    "method": string(mapping(said.get("request")).get("method"), 10),
                }
                if len(self._open) > MOST_WAITING:
                    del self._open[next(iter(self._open))]
            case "Network.responseReceived":
                self._answered(said)
            case "Network.loadingFinished":
                self._open.pop(string(said.get("requestId")), None)
            case "Network.loadingFailed":
                self._failed(said)
            case "Runtime.exceptionThrown":
                self._add(Trouble("error", _thrown(mapping(said.get("exceptionDetails")))))
            case "Runtime.consoleAPICalled" if said.get("type") in ("error", "assert"):
                self._add(Trouble("console", _printed(said)))
            case "Log.entryAdded":
                self._logged(mapping(said.get("entry")))
            case "Page.loadEventFired":
                self.loaded.set()
            case _:
                return
        self.news.set()

    def _answered(self, said: Message) -> None:
        response = mapping(said.get("response"))
        status, resource = response.get("status"), string(said.get("type"), 20)
        if not isinstance(status, int):
            return
        if resource == "Document" and len(self.statuses) < MOST_WAITING:
            self.statuses[string(said.get("loaderId"))] = status
        url = string(response.get("url"), 2000)
        if status >= 400 and not _is_unasked(url):
            method = self._open.get(string(said.get("requestId")), {}).get("method", "GET")
            self._add(Trouble("status", f"{method} {shortened(url)} was answered {status}", url, status, resource))

    def _failed(self, said: Message) -> None:
        request = self._open.pop(string(said.get("requestId")), {})
        url, why = string(request.get("url"), 2000), string(said.get("errorText"), 60)
        stopped = said.get("canceled") or why == "net::ERR_ABORTED"
        if not stopped and not _is_unasked(url):
            what = f"{shortened(url)} could not be loaded: {why.removeprefix('net::')}"
            self._add(Trouble("unanswered", what, url, resource=string(said.get("type"), 20)))

    def _logged(self, entry: Message) -> None:
        # What the network says is known better from its own events.
        if entry.get("level") == "error" and entry.get("source") != "network":
            self._add(Trouble("console", _at(string(entry.get("text")), entry.get("url"), entry.get("lineNumber"))))

    def _add(self, trouble: Trouble) -> None:
        if len(self.troubles) < MOST:
            self.troubles.append(trouble)


def shortened(url: str) -> str:
    """A URL as people are told it: only the path, when it leads into the box."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return line(url, 100)
    query = f"?{parts.query}" if parts.query else ""
    return line(f"{parts.path or '/'}{query}" if is_own(url) else url, 100)


def is_own(url: str) -> bool:
    """Whether a URL leads to a server in the box."""
    try:
        return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False


def line(value: str, longest: int = LINE) -> str:
    """Text of a page as one line without anything that a terminal acts on."""
    return scrub.one_line(scrub.clean(value), longest)


def _is_unasked(url: str) -> bool:
    return url.partition("?")[0].endswith(UNASKED)


def _thrown(details: Message) -> str:
    """The exception's own words, and where it was thrown."""
    said = string(mapping(details.get("exception")).get("description")) or string(details.get("text"))
    return _at(said.partition("\n")[0], details.get("url"), details.get("lineNumber"))


def _printed(said: Message) -> str:
    arguments = said.get("args")
    words = [
        string(one.get("description")).partition("\n")[0] or str(one.get("value", ""))[:LINE]
        for one in map(mapping, cast(list[object], arguments)[:10] if isinstance(arguments, list) else [])
    ]
    return line(" ".join(words))


def _at(said: str, url: object, number: object) -> str:
    place = shortened(string(url, 2000)) if string(url) else ""
    row = f":{number + 1}" if isinstance(number, int) and place else ""
    return line(f"{said} ({place}{row})" if place else said)
