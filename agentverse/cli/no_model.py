"""The screen for somebody who has configured no model, and whose machine has none to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse.cli.words import word
from agentverse.settings import settings_files

if TYPE_CHECKING:
    from agentverse.errors import NoModel
    from agentverse.settings import Settings


def screen(settings: Settings, error: NoModel) -> str:
    """What was looked for, what came of it, and the ways on."""

    def say(name: str, **values: object) -> str:
        return word(name, settings.language, **values)

    files = [
        say("looked_file", path=path, state=say("file_there" if path.is_file() else "file_missing"))
        for path in settings_files()
    ]
    ports = ", ".join(map(str, settings.serve.ports))
    looked = [say("looked_option"), say("looked_variables"), *files, say("looked_ports", ports=ports)]
    looked.append(say("looked_machine", why=error))
    return "\n".join(
        [
            say("no_model"),
            *(f"  - {one}" for one in looked),
            "",
            say("three_ways"),
            f"  1. {say('way_serve')}",
            '       agentverse run --yes "…"',
            f"  2. {say('way_url')}",
            '       agentverse run --model http://127.0.0.1:8000/v1#MODEL "…"',
            f"  3. {say('way_demo')}",
            "       agentverse demo",
        ]
    )
