"""A model for somebody who has configured none: what is chosen is said, and nothing is downloaded unasked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from agentverse.cli.no_model import screen
from agentverse.cli.voice import Answers, Voice
from agentverse.errors import NoModel
from agentverse.host import working_sandbox
from agentverse.serving import with_model

if TYPE_CHECKING:
    from agentverse.settings import Settings


@asynccontextmanager
async def model_at_hand(
    settings: Settings, *, yes: bool, silent: bool, least: int, sandboxed: bool = True
) -> AsyncGenerator[Settings]:
    """See `agentverse.serving.with_model`; with a voice that asks and tells.

    Args:
        least: tokens of context below which there is no use in a model.
        sandboxed: what it writes is to run in a sandbox.

    Raises:
        SandboxUnavailable: found before a model is downloaded or started.
        NoModel: with what was looked for and the ways on.
    """
    if "edge" not in settings.models.placed() and sandboxed:
        await working_sandbox(settings)
    voice = Voice(settings.language, Answers(yes, silent, occasion="none_at_hand"))
    async with AsyncExitStack() as stack:
        stack.callback(voice.close)
        try:
            complete = await stack.enter_async_context(with_model(settings, least=least, onlooker=voice))
        except NoModel as error:
            raise NoModel(screen(settings, error)) from error
        voice.close()
        yield complete
