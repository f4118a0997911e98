"""``agentverse models``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from agentverse.cli.commands.models_serve import serve
from agentverse.cli.options import asynchronous, json_option, model_option, read_settings

if TYPE_CHECKING:
    from agentverse.settings import ModelSettings, Settings


@click.group("models")
def command() -> None:
    """The models that runs work on, by tier: edge (your own small one), cloud, vision."""


@command.command("list")
@model_option
@json_option
def list_models(models: tuple[str, ...], as_json: bool) -> int:
    """What is configured, and where it was said. Nothing is contacted."""
    settings = read_settings(models=models)
    listed = [_described(tier, model, settings) for tier, model in settings.models.placed().items()]
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif not listed:
        click.echo(_next_step(settings))
    for one in listed if not as_json else []:
        name = one["model"] or "(the server's own)"
        click.echo(f"{one['tier']:<7} {one['provider']:<10} {name}  {one['place']}  ({one['origin']})")
    return 0


@command.command("doctor")
@model_option
@json_option
@asynchronous
async def doctor(models: tuple[str, ...], as_json: bool) -> int:
    """See which of the configured models answer; exit code 2 when one does not."""
    from agentverse.errors import AgentverseError
    from agentverse.models.registry import open_model

    settings = read_settings(models=models)
    found: list[dict[str, Any]] = []
    for tier, placed in settings.models.placed().items():
        one = _described(tier, placed, settings)
        try:
            model = await open_model(placed.spec())
            try:
                facts = dict(await model.contact())
                one |= {"answers": True, "model": model.name, "context": model.profile.context, "facts": facts}
            finally:
                await model.close()
        except AgentverseError as error:
            one |= {"answers": False, "problem": str(error), "fix": error.fix}
        found.append(one)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        _print(found, settings)
    return 0 if found and all(one["answers"] for one in found) else 2


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


def _print(found: list[dict[str, Any]], settings: Settings) -> None:
    from agentverse.cli.text import clean

    for one in found:
        said = (
            f"answers, {one['context']:,} tokens of context" if one["answers"] else f"does not answer: {one['problem']}"
        )
        click.echo(clean(f"{one['tier']:<7} {one['model'] or one['provider']}  {one['place']}: {said}"))
    broken = next((one for one in found if not one["answers"]), None)
    if broken is not None:
        click.echo(clean(f"next: {broken['fix'] or 'start the server, or mend ' + broken['origin']}"))
    elif not any(one["tier"] == "edge" for one in found):
        click.echo(_next_step(settings))
    else:
        click.echo('next: agentverse run "…"')


def _next_step(settings: Settings) -> str:
    return 'no model is configured for the tier edge\nnext: agentverse run "…" finds one, or serves one here'


command.add_command(serve)
