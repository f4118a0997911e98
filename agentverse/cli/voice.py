"""Tells what becomes of a model server, and asks before anything is downloaded.

On stderr, so that what a command reports can be read by programs.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from agentverse.cli.text import one_line, size
from agentverse.cli.words import word
from agentverse.models.servers.launch import CALLED
from agentverse.serving import Chosen, Onlooker

if TYPE_CHECKING:
    from agentverse.cli.bars import Bar
    from agentverse.models.catalogue import Progress
    from agentverse.models.servers.choose import Plan
    from agentverse.models.servers.launch import Launch, News
    from agentverse.models.servers.running import Running
    from agentverse.settings import Settings


@dataclass(frozen=True, slots=True)
class Answers:
    """What the command line said beforehand.

    Attributes:
        yes: download without asking.
        silent: say nothing but what went wrong.
        occasion: name of the words that say why there is something to ask.
    """

    yes: bool = False
    silent: bool = False
    occasion: str = ""


class Voice(Onlooker):
    """For people."""

    def __init__(self, language: str, answers: Answers) -> None:
        self._language, self._answers = language, answers
        self._bar: Bar | None = None
        self._last = ""

    async def may_download(self, plan: Plan) -> bool:
        repo = plan.entry.forms[plan.form].repo
        about = {"model": plan.entry.name, "size": size(plan.size), "repo": repo, "engine": CALLED[plan.engine]}
        self.close()
        if self._answers.occasion:
            self._say(self._answers.occasion)
        if self._answers.yes:
            self._say("downloads", **about)
            return True
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        return click.confirm(word("may_download", self._language, **about), default=True, err=True)

    def starts(self, launch: Launch) -> None:
        """It is about to be started."""
        if "--trust-remote-code" in launch.argv:
            self._say("pull_code")

    def chosen(self, chosen: Chosen) -> None:
        self._say(f"model_{chosen.how}", model=chosen.model, where=chosen.where)

    def progress(self, progress: Progress) -> None:
        self._show(word("downloading", self._language), progress.done, progress.total, counted=True)

    def news(self, news: News) -> None:
        if news.kind == "loading":
            stage = word(f"stage_{news.text}", self._language)
            self._show(stage, round((news.fraction or 0) * 100), 100 if news.fraction is not None else None)
            return
        self.close()
        if news.kind in ("died", "gone"):
            self._warn(f"server_{news.kind}", why=one_line(news.text), seconds=news.seconds)
        elif news.kind == "ready":
            self._say("server_ready", seconds=news.seconds)

    def passed_over(self, plan: Plan, why: Exception) -> None:
        self.close()
        self._warn("passed_over", model=plan.entry.name, engine=CALLED[plan.engine], why=one_line(str(why)))

    def serves(self, server: Running, settings: Settings) -> None:
        """It answers, and will until it is stopped."""
        launch = server.launch
        found = launch.port in settings.serve.ports and not settings.models.placed()
        option = "" if found else f"--model {launch.url}#{launch.model} "
        self._say("serving", model=launch.model, url=launch.url, context=f"{launch.context:,}", slots=launch.slots)
        self._say("use_it")
        click.echo(f'  agentverse run {option}"…"', err=True)
        self._say("log_is", path=server.log)
        self._say("stop_it")

    def stopped(self) -> None:
        """It was asked to stop, and did."""
        self._say("server_stopped")

    def close(self) -> None:
        """Take a bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _say(self, name: str, **values: object) -> None:
        if not self._answers.silent:
            click.echo(one_line(word(name, self._language, **values)), err=True)

    def _warn(self, name: str, **values: object) -> None:
        click.secho(one_line(word(name, self._language, **values)), fg="yellow", err=True)

    def _show(self, what: str, done: int, total: int | None, *, counted: bool = False) -> None:
        """Show how far something is.

        Args:
            counted: ``done`` and ``total`` are bytes.
        """
        if self._answers.silent:
            return
        if not sys.stderr.isatty():
            if what != self._last:
                click.echo(what, err=True)
            self._last = what
            return
        if self._bar is None:
            from agentverse.cli.bars import Bar

            self._bar = Bar(counted=counted)
        self._bar.show(what, done, total)


class JsonVoice(Voice):
    """For programs: one object a line on stdout."""

    def __init__(self, language: str, answers: Answers) -> None:
        super().__init__(language, answers)
        self._percent = -1

    async def may_download(self, plan: Plan) -> bool:
        return self._answers.yes

    def progress(self, progress: Progress) -> None:
        percent = 100 * progress.done // max(progress.total, 1)
        if percent != self._percent:
            self._percent = percent
            self._print({"type": "download", **asdict(progress)})

    def news(self, news: News) -> None:
        self._print({"type": "server", **asdict(news)})

    def serves(self, server: Running, settings: Settings) -> None:
        launch = server.launch
        about = {"engine": launch.engine, "model": launch.model, "url": launch.url, "log": str(server.log)}
        self._print({"type": "serving", **about, "context": launch.context, "slots": launch.slots})

    def stopped(self) -> None:
        """The news have said so."""

    @staticmethod
    def _print(body: dict[str, object]) -> None:
        click.echo(json.dumps(body, ensure_ascii=False))
