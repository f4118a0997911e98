"""``agentverse schema``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import click

from agentverse.cli.options import debug_option

if TYPE_CHECKING:
    from agentverse.blueprint.sources import Kind

KINDS = ["company", "role", "environment", "language"]


@click.command("schema")
@click.argument("kind", type=click.Choice(KINDS))
@debug_option
def command(kind: str) -> int:
    """Print the JSON Schema of KIND, for editors that complete and check YAML."""
    from agentverse.blueprint.schema import schema

    click.echo(json.dumps(schema(cast("Kind", kind)), ensure_ascii=False, indent=2))
    return 0
