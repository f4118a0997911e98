"""Options that several commands share."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from agentverse.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
Command = Callable[..., Any]


def asynchronous(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """A coroutine as a command: it gets a loop of its own."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(function(*args, **kwargs))

    return run


def debug_option(command: Command) -> Command:
    return click.option("--debug", is_flag=True, expose_value=False, hidden=True)(command)


def json_option(command: Command) -> Command:
    return debug_option(click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")(command))


def language_option(command: Command) -> Command:
    option = click.option("--language", type=click.Choice(["en", "zh"]), help="Language of prompts and output.")
    return option(command)


def languages_option(command: Command) -> Command:
    """Of people and of the product, told apart by `split_languages`."""
    return click.option(
        "--language",
        "languages",
        multiple=True,
        metavar="NAME",
        help="en or zh: of prompts and output. python, go, rust …: of the product. May be given twice.",
    )(command)


def split_languages(names: tuple[str, ...]) -> tuple[str | None, str]:
    """The people's language, or None, and the product's, or "".

    Raises:
        UsageError: two of a kind, or one that there is not.
    """
    from agentverse.errors import UsageError

    spoken = [name for name in names if name in ("en", "zh")]
    written = [name for name in names if name not in ("en", "zh")]
    for kind in (spoken, written):
        if len(kind) > 1:
            raise UsageError(f"--language says both {kind[0]!r} and {kind[1]!r}", fix="Keep one of the two.")
    if not written:
        return next(iter(spoken), None), ""
    from agentverse.blueprint.load import Library
    from agentverse.engine.choosing import named

    return next(iter(spoken), None), named(written[0], Library.default()).name


def model_option(command: Command) -> Command:
    return click.option(
        "--model",
        "models",
        multiple=True,
        metavar="[TIER=]SPEC",
        help="http://HOST:PORT/v1#MODEL, langchain:CLASS, recording:FILE, manual:FOLDER. TIER: edge, cloud, vision.",
    )(command)


def offline_option(command: Command) -> Command:
    option = click.option(
        "--offline",
        is_flag=True,
        help="Nothing leaves this machine: models elsewhere are not asked, packages are not fetched.",
    )
    return option(command)


def limit_options(command: Command) -> Command:
    for name, kind, what in (
        ("turns", click.IntRange(1), "model replies"),
        ("minutes", click.FloatRange(0, min_open=True), "minutes at work"),
        ("tokens", click.IntRange(1), "prompt and completion tokens"),
    ):
        command = click.option(f"--{name}", type=kind, metavar="N", help=f"At most N {what}.")(command)
    return command


def output_options(command: Command) -> Command:
    """How a run shows itself."""
    command = click.option("--verbose", "-v", is_flag=True, help="Show replies in full.")(command)
    command = click.option("--quiet", "-q", is_flag=True, help="Show only how it ends.")(command)
    return json_option(command)


def read_settings(
    *,
    models: tuple[str, ...] = (),
    language: str | None = None,
    company: str | None = None,
    limits: Mapping[str, float | None] | None = None,
    offline: bool = False,
) -> Settings:
    """The settings with what the command line says on top.

    Raises:
        SettingsError.
    """
    from agentverse.settings import load_settings
    from agentverse.settings_layers import MODELS

    said: dict[str, tuple[Any, str]] = {"language": (language, "--language"), "company": (company, "--company")}
    said["offline"] = (offline or None, "--offline")
    said |= {f"limits.{name}": (value, f"--{name}") for name, value in (limits or {}).items()}
    for model in models:
        name, mark, spec = model.partition("=")
        if mark and name in MODELS:
            said[f"models.{name}"] = (spec, "--model")
        else:
            said["models.edge"] = (model, "--model")
    return load_settings(options=said)
