"""``agentverse models pull``: says what comes, asks, shows how far it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import click

from agentverse.cli.catalogue_table import fit_json, say, why
from agentverse.cli.text import size
from agentverse.cli.words import word
from agentverse.errors import UsageError
from agentverse.models.catalogue import Entry, Form, Machine, Progress, find, fits, probe
from agentverse.models.catalogue.checkup import best
from agentverse.models.catalogue.download import Plan, Source, plan
from agentverse.models.catalogue.entry import FORMS, Engine
from agentverse.models.catalogue.fit import Choice

ENGINES: dict[Form, Engine] = {form: engine for engine, form in FORMS.items()}
SPOKEN: dict[Engine, str] = {"vllm": "vLLM", "llamacpp": "llama.cpp"}
HUBS: dict[Source, str] = {"huggingface": "Hugging Face", "modelscope": "ModelScope"}


def pull_named(
    name: str | None, engine: Engine | None, source: Source, *, yes: bool, as_json: bool, language: str
) -> int:
    """Download the model ``name``, or the best for this machine; returns the exit code.

    Raises:
        UsageError: no such model, none that fits, or nobody to ask.
        PullFailed.
    """
    machine = probe()
    choice = _named(name, engine, machine) if name else _best(machine, engine)
    coming = plan(choice.entry, choice.form, source=source)
    if coming.missing:
        for line in _announced(choice, coming, source, language):
            say(line, err=as_json)
        if not yes and not _agreed(language):
            return 1
    with _bar(language) as progress:
        path = coming.carry_out(progress)
    if as_json:
        found = {"name": choice.entry.name, "form": choice.form, "repo": coming.hub.repo, "source": source}
        found |= {"size": coming.size, "path": str(path), "fit": fit_json(choice.fit)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    say(word("pull_done", language, name=choice.entry.name, path=path))
    if choice.fit:
        say(word("next", language, step=word("step_serve", language, what=choice.entry.name)))
    return 0


def _named(name: str, engine: Engine | None, machine: Machine) -> Choice:
    """In the form that was asked for, else the first that fits, else the smallest there is."""
    entry = find(name)
    order: list[Form] = [FORMS[engine]] if engine else _meant(entry, name)
    tried = [Choice(entry, form, fits(machine, entry, form)) for form in order]
    return next((choice for choice in tried if choice.fit), tried[-1])


def _meant(entry: Entry, name: str) -> list[Form]:
    """The form whose id at the hub was given; all, largest first, for the model's own name."""
    forms: list[Form] = [form for form in FORMS.values() if form in entry.forms]
    given = name.strip().lower()
    if given == entry.name.lower():
        return forms
    return [form for form in forms if given in entry.forms[form].called] or forms


def _best(machine: Machine, engine: Engine | None) -> Choice:
    from agentverse.models.catalogue.fit import choose

    found = choose(machine, FORMS[engine]) if engine else best(machine)
    if found is None:
        raise UsageError("no model of the catalogue fits this machine", fix="See why: agentverse models list")
    return found


def _announced(choice: Choice, coming: Plan, source: Source, language: str) -> Iterator[str]:
    about = {"name": choice.entry.name, "engine": SPOKEN[ENGINES[choice.form]], "size": size(coming.size)}
    about |= {"repo": coming.hub.repo, "source": HUBS[source], "folder": coming.hub.folder}
    yield word("pull_what", language, **about)
    if coming.missing < coming.size:
        yield word("pull_rest", language, size=size(coming.missing))
    if choice.entry.remote_code and choice.form == "safetensors":
        yield word("pull_code", language)
    if not choice.fit and choice.fit.reason != "draft":
        yield word("pull_tight", language, why=why(fit_json(choice.fit), language))


def _agreed(language: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("a download is asked for first, and nobody is here to answer", fix="Say --yes.")
    return click.confirm(word("pull_ask", language), err=True)


@contextmanager
def _bar(language: str) -> Generator[Callable[[Progress], None] | None]:
    """A bar on stderr where that is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from agentverse.cli.bars import Bar

    what = word("downloading", language)
    with Bar(counted=True) as bar:
        yield lambda progress: bar.show(what, progress.done, progress.total)
