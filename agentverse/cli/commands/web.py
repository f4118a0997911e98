"""``agentverse web``."""

from __future__ import annotations

import json
import os
import sys

import click

from agentverse.cli.options import asynchronous, json_option, language_option, model_option, split_models
from agentverse.errors import UsageError

PORT = 8095
VARIABLE = "AGENTVERSE_WEB_PASSWORD"
"""Holds the password."""


@click.command("web")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Other than loopback only with a password.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help=f"{PORT}, or a free one when it is taken.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A name that browsers call this server by.")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@model_option
@language_option
@json_option
@asynchronous
async def command(
    host: str,
    port: int | None,
    names: tuple[str, ...],
    no_open: bool,
    models: tuple[str, ...],
    language: str | None,
    as_json: bool,
) -> int:
    """Serve the page, and the HTTP API that it is made of, until Ctrl-C. Runs are paused then, and can be resumed.

    The link that is printed opens one browser. A password is read from AGENTVERSE_WEB_PASSWORD, or asked for.
    """
    from agentverse.web.serve import Place, is_loopback, serve

    password = "" if is_loopback(host) else _password()
    options = {"language": (language, "--language"), **split_models(models)}
    said = {path: given for path, given in options.items() if given[0] is not None}
    place = Place(host, _free(host) if port is None else port, names, password, options=said)
    opened = no_open or as_json or not sys.stdout.isatty()

    def announce(link: str) -> None:
        nonlocal opened
        click.echo(json.dumps({"type": "link", "url": link}) if as_json else link)
        sys.stdout.flush()
        if not opened:
            opened = True
            _open(link)

    def stopping() -> None:
        if not as_json:
            click.echo("pausing the runs; Ctrl-C again waits no longer", err=True)

    await serve(place, announce=announce, stopping=stopping)
    return 0


def _free(host: str) -> int:
    """The usual port, or 0 when it is taken."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, PORT))
        except OSError:
            return 0
    return PORT


def _password() -> str:
    if said := os.environ.get(VARIABLE):
        return said
    if not sys.stdin.isatty():
        raise UsageError("a server that others can reach needs a password", fix=f"Set {VARIABLE}.")
    return str(click.prompt("Password for the page", hide_input=True, confirmation_prompt=True, err=True))


def _open(link: str) -> None:
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()
