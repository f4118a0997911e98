"""The catalogue for people: which models fit this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from agentverse.blueprint.text import localize
from agentverse.cli.text import clean, columns, pad, size
from agentverse.cli.words import word
from agentverse.models.catalogue import Machine

GAP = 2


def show(
    configured: Sequence[Mapping[str, Any]],
    machine: Machine,
    listed: Sequence[Mapping[str, Any]],
    language: str,
    context: int,
) -> None:
    """Print the configured models, the machine and the catalogue."""
    say(word("configured", language))
    for one in configured:
        name = one["model"] or word("own_model", language)
        say(f"  {one['tier']:<7} {one['provider']:<10} {name}  {one['place']}  ({one['origin']})")
    if not configured:
        say(f"  {word('none_configured', language)}")
    say(f"\n{word('machine', language)}")
    for line in machine_lines(machine, language):
        say(f"  {line}")
    say(f"\n{word('catalogue', language, context=f'{context:,}')}")
    for line in [*_table(listed, language), "", *_warnings(listed, language)]:
        say(f"  {line}")


def say(line: str, *, err: bool = False) -> None:
    click.echo(clean(line).rstrip(), err=err)


def machine_lines(machine: Machine, language: str) -> list[str]:
    lines = [word("memory", language, total=size(machine.ram), free=size(machine.available))]
    for card in machine.gpus:
        about = {"name": card.name, "total": size(card.memory), "free": size(card.free), "driver": card.driver}
        lines.append(word("card", language, **about))
    return lines if machine.gpus else [*lines, word("no_card", language, why=machine.trouble)]


def why(fit: Mapping[str, Any], language: str, target: str = "") -> str:
    """What a fit says, in few words."""
    if fit["reason"] == "form":
        return ""
    values = {"need": size(fit["need"]), "have": size(fit["have"]), "agents": fit["agents"], "target": target}
    return word(f"fit_{fit['reason']}", language, **values)


def _table(listed: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    names = ["column_name", "column_context", "column_thinks"]
    table = [["", *(word(name, language) for name in names), "vLLM", "llama.cpp"]]
    for row in listed:
        thinks = word(f"thinks_{row['thinking']}", language)
        context = "" if row["kind"] == "draft" else f"{row['context']:,}"
        forms = [_cell(row, form, language) for form in ("safetensors", "gguf")]
        mark = "*" if row["recommended"] else ""
        table.append([mark, row["name"], context, "" if row["kind"] == "draft" else thinks, *forms])
    wide = [max(columns(cell) for cell in column) for column in zip(*table, strict=True)]
    return ["".join(pad(cell, width + GAP) for cell, width in zip(line, wide, strict=True)) for line in table]


def _warnings(listed: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    return [f"{row['name']}: {localize(row['warning'], language)}" for row in listed if row["warning"]]


def _cell(row: Mapping[str, Any], form: str, language: str) -> str:
    found = row["forms"].get(form)
    if found is None:
        return ""
    said = word("pulled", language) if found["path"] else size(found["size"])
    return f"{said}, {why(found['fit'], language, row['draft_for'])}"
