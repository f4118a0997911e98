"""``agentverse models``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from agentverse.cli.commands.models_serve import serve
from agentverse.cli.options import asynchronous, json_option, model_option, read_settings

if TYPE_CHECKING:
    from agentverse.models.catalogue.download import Source
    from agentverse.models.catalogue.entry import Engine
    from agentverse.settings import ModelSettings, Settings


@click.group("models")
def command() -> None:
    """The models that runs work on, and those that this machine can serve."""


@command.command("list")
@click.option("--context", type=click.IntRange(1024), metavar="N", help="Tokens one agent may need.  [default: 16384]")
@click.option("--agents", type=click.IntRange(1), default=1, metavar="N", help="Agents at once that it must serve.")
@model_option
@json_option
def list_models(context: int | None, agents: int, models: tuple[str, ...], as_json: bool) -> int:
    """What is configured, and which models of the catalogue fit this machine. Nothing is contacted."""
    from agentverse.cli import catalogue_table
    from agentverse.models.catalogue import probe
    from agentverse.models.catalogue.fit import CONTEXT

    settings = read_settings(models=models)
    configured = [_described(tier, model, settings) for tier, model in settings.models.placed().items()]
    machine = probe()
    rows = catalogue_table.rows(machine, context=context or CONTEXT, agents=agents)
    if as_json:
        found = {"configured": configured, "machine": catalogue_table.machine_json(machine), "catalogue": rows}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        catalogue_table.show(configured, machine, rows, settings.language, context or CONTEXT)
    return 0


@command.command("pull")
@click.argument("name", required=False)
@click.option("--for", "engine", type=click.Choice(["vllm", "llamacpp"]), help="Who serves it.  [default: what fits]")
@click.option("--source", type=click.Choice(["huggingface", "modelscope"]), default="huggingface", show_default=True)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def pull_model(name: str | None, engine: Engine | None, source: Source, yes: bool, as_json: bool) -> int:
    """Download the model NAME, or the best one for this machine.

    An interrupted download goes on where it stopped, and every file is checked. A mirror: HF_ENDPOINT=URL.
    """
    from agentverse.cli.pulling import pull_named

    return pull_named(name, engine, source, yes=yes, as_json=as_json, language=read_settings().language)


@command.command("doctor")
@model_option
@json_option
@asynchronous
async def doctor(models: tuple[str, ...], as_json: bool) -> int:
    """See what this machine has for a model and which of the configured ones answer; exit code 2 when none does."""
    from agentverse.cli import models_doctor
    from agentverse.models.catalogue.checkup import checkup

    settings = read_settings(models=models)
    tiers = [await _asked(tier, placed, settings) for tier, placed in settings.models.placed().items()]
    vectors = settings.models.embeddings
    tiers += [await _embedded(vectors, settings)] if vectors is not None and vectors.placed else []
    found = checkup()
    if as_json:
        click.echo(json.dumps(models_doctor.as_json(found, tiers), ensure_ascii=False, indent=2, default=str))
    else:
        models_doctor.show(found, tiers, settings.language)
    return 0 if settings.models.placed() and all(one["answers"] for one in tiers) else 2


async def _asked(tier: str, placed: ModelSettings, settings: Settings) -> dict[str, Any]:
    """A tier, and what its model answers."""
    from agentverse.errors import AgentverseError
    from agentverse.models.registry import open_model

    one = _described(tier, placed, settings)
    try:
        model = await open_model(placed.spec())
        try:
            facts = dict(await model.contact())
            return one | {"answers": True, "model": model.name, "context": model.profile.context, "facts": facts}
        finally:
            await model.close()
    except AgentverseError as error:
        return one | {"answers": False, "problem": str(error), "fix": error.fix}


async def _embedded(placed: ModelSettings, settings: Settings) -> dict[str, Any]:
    """The embeddings, and whether they answer."""
    from agentverse.errors import AgentverseError
    from agentverse.models.embeddings.registry import open_embedder

    one = _described("embeddings", placed, settings)
    try:
        embedder = open_embedder(placed.spec())
        try:
            (vector,) = await embedder.embed(["hello"])
            return one | {"answers": True, "model": embedder.name, "size": len(vector)}
        finally:
            await embedder.close()
    except AgentverseError as error:
        return one | {"answers": False, "problem": str(error), "fix": error.fix}


def _described(tier: str, model: ModelSettings, settings: Settings) -> dict[str, Any]:
    path = f"models.{tier}"
    place = "base_url" if model.base_url else "path" if model.path else "model"
    shown = {one.path: one.value for one in settings.shown()}
    return {
        "tier": tier,
        "provider": model.provider,
        "model": model.model,
        "place": shown.get(f"{path}.{place}", ""),
        "origin": settings.origin(f"{path}.{place}"),
    }


command.add_command(serve)
