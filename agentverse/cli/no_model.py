"""The screen for somebody who has configured no model yet."""

from __future__ import annotations

from agentverse.cli.words import word
from agentverse.errors import NoModel
from agentverse.settings import Settings, settings_files

SERVE = "vllm serve openbmb/MiniCPM5-2B --enable-prefix-caching --port 8000"


def require_model(settings: Settings) -> None:
    """Raises NoModel, with what was looked for and three ways on, when the tier ``edge`` has no place."""
    if "edge" in settings.models.placed():
        return
    raise NoModel(_screen(settings.language))


def _screen(language: str) -> str:
    def say(name: str, **values: object) -> str:
        return word(name, language, **values)

    files = [
        say("looked_file", path=path, state=say("file_there" if path.is_file() else "file_missing"))
        for path in settings_files()
    ]
    looked = [say("looked_option"), say("looked_variables"), *files]
    url = "http://127.0.0.1:8000/v1"
    return "\n".join(
        [
            say("no_model"),
            *(f"  - {one}" for one in looked),
            "",
            say("three_ways"),
            f"  1. {say('way_serve')}",
            f"       {SERVE}",
            f"       export OPENAI_BASE_URL={url}",
            f"  2. {say('way_url')}",
            f'       agentverse run --model {url}#MODEL "…"',
            f"  3. {say('way_demo')}",
            "       agentverse demo",
        ]
    )
