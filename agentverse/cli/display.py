"""Shows a run while it happens: in a terminal, on a pipe, as JSON lines, or not at all."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from agentverse.cli.story import Line, Story, Told
from agentverse.cli.text import cut, one_line
from agentverse.cli.words import word
from agentverse.journal.events import Entry, PhaseStarted, Reply
from agentverse.models.protocol import Delta

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

PIPE_WIDTH, SPEECH_WIDTH = 200, 600
_STYLES = {
    "plain": "",
    "heading": "bold cyan",
    "speaker": "bold",
    "faint": "dim",
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
}


class Display(Protocol):
    """Where a run is shown. ``story`` has the sums."""

    story: Story

    def show(self, entry: Entry) -> None:
        """Show what happened."""
        ...

    def say(self, line: Line) -> None:
        """Show a line that is not from the journal."""
        ...

    def pause(self) -> None:
        """Leave the terminal to a question; what is to be shown waits for `go_on`."""
        ...

    def go_on(self) -> None:
        """The question is over."""
        ...

    def close(self) -> None: ...


class Quiet:
    """Shows nothing and keeps the sums."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def show(self, entry: Entry) -> None:
        self.story.tell(entry)

    def say(self, line: Line) -> None:
        pass

    def pause(self) -> None:
        pass

    def go_on(self) -> None:
        pass

    def close(self) -> None:
        pass


class JsonLines(Quiet):
    """One JSON object per entry."""

    def show(self, entry: Entry) -> None:
        self.story.tell(entry)
        sys.stdout.write(entry.model_dump_json() + "\n")
        sys.stdout.flush()


class Plain(Quiet):
    """One line per event, for pipes and logs: no escapes, no colours."""

    def __init__(self, story: Story, out: TextIO | None = None) -> None:
        super().__init__(story)
        self._out = out or sys.stdout

    def show(self, entry: Entry) -> None:
        told = self.story.tell(entry)
        if told is not None:
            self._write(f"{_where(entry):<12} {_joined(told)}".rstrip())

    def say(self, line: Line) -> None:
        self._write(line.text)

    def _write(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


class Terminal:
    """Live dialogue, with one line of progress beneath."""

    def __init__(self, story: Story) -> None:
        from rich.live import Live

        self.story = story
        self._console = _console()
        self._began = time.monotonic()
        self._writing: dict[str, str] = {}
        self._held: list[Line] | None = None
        self._live = Live(console=self._console, get_renderable=self._progress, refresh_per_second=5, transient=True)
        self._live.start()

    def show(self, entry: Entry) -> None:
        if isinstance(entry.event, Reply):
            self._writing.pop(entry.key, None)
        told = self.story.tell(entry)
        if told is None:
            return
        space = (Line(""),) if isinstance(entry.event, PhaseStarted) else ()
        self._print(*space, told.head, *told.body)

    def say(self, line: Line) -> None:
        self._print(line)

    def watch(self, delta: Delta) -> None:
        """Show the end of what is being written; see `agentverse.agents.protocol.Watcher`."""
        text = "" if delta.restart else self._writing.get(delta.key, "")
        self._writing[delta.key] = (text + delta.text)[-400:]
        while len(self._writing) > 64:
            self._writing.pop(next(iter(self._writing)))

    def pause(self) -> None:
        self._live.stop()
        self._held = []

    def go_on(self) -> None:
        held, self._held = self._held or [], None
        self._live.start()
        self._print(*held)

    def close(self) -> None:
        self._live.stop()
        held, self._held = self._held or [], None
        self._print(*held)

    def _print(self, *lines: Line) -> None:
        if self._held is not None:
            self._held += lines
        elif lines:
            self._console.print(*map(_styled, lines), sep="\n")

    def _progress(self) -> Text:
        from rich.text import Text

        said = self.story.progress(time.monotonic() - self._began)
        writing = [(key, text) for key, text in list(self._writing.items()) if text.strip()]
        if writing and not self.story.playing:
            key, text = writing[-1]
            tail = one_line(text.rstrip().rsplit("\n", 1)[-1])
            said += "\n" + word("writes", self.story.language, who=one_line(key), tail=tail)
        width = max(self._console.width - 1, 20)
        return Text("\n".join(cut(line, width) for line in said.split("\n")), style="dim", no_wrap=True)


def open_display(story: Story, *, as_json: bool = False, quiet: bool = False) -> Display:
    """The display that fits what the command was asked for and what it writes to."""
    if as_json:
        return JsonLines(story)
    if quiet:
        return Quiet(story)
    return Terminal(story) if sys.stdout.isatty() else Plain(story)


def show_lines(lines: Sequence[Line]) -> None:
    """Lines that are not part of a run at work: in colour in a terminal, indented on a pipe."""
    console = _console() if sys.stdout.isatty() else None
    for line in lines:
        if console is not None:
            console.print(" " * 2 * line.indent + line.text, style=_STYLES[line.style], soft_wrap=True)
        else:
            sys.stdout.write("  " * line.indent + line.text + "\n")
    sys.stdout.flush()


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _styled(line: Line) -> Padding:
    from rich.padding import Padding
    from rich.text import Text

    text = Text(line.text, style=_STYLES[line.style], overflow="fold")
    return Padding(text, (0, 0, 0, 2 * line.indent), expand=False)


def _where(entry: Entry) -> str:
    phase = getattr(entry.event, "phase", "")
    visit = getattr(entry.event, "visit", 0)
    return f"{phase}#{visit}" if phase and visit else phase


def _joined(told: Told) -> str:
    """A telling on one line: the head, then what fits of the rest; of what somebody says, nearly always all."""
    width = SPEECH_WIDTH if told.head.style == "speaker" else PIPE_WIDTH
    rest = " / ".join(line.text.strip() for line in told.body if line.style != "faint")
    return cut(f"{told.head.text}: {rest}" if rest else told.head.text, width)
