"""A model for somebody who has configured none: what is chosen is said, and nothing is downloaded unasked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from agentverse.cli.no_model import screen
from agentverse.cli.voice import Answers, Voice
from agentverse.errors import NoModel
from agentverse.serving import with_model

if TYPE_CHECKING:
    from agentverse.settings import Settings


@asynccontextmanager
async def model_at_hand(settings: Settings, *, yes: bool, silent: bool, least: int = 0) -> AsyncGenerator[Settings]:
    """See `agentverse.serving.with_model`; with a voice that asks and tells.

    Raises:
        NoModel: with what was looked for and the ways on.
    """
    voice = Voice(settings.language, Answers(yes, silent))
    try:
        async with with_model(settings, least=least, onlooker=voice) as complete:
            voice.close()
            yield complete
    except NoModel as error:
        if not voice.used:
            raise NoModel(screen(settings, error)) from error
        raise
    finally:
        voice.close()
