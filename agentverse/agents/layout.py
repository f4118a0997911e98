"""Prompt layout: from what never changes to what changes with each turn.

Earlier text never changes when later text is added, so prompts of all roles in a phase share everything up to the
persona, and a server that caches prefixes computes it once.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentverse.agents.fitting import Fitted, fit
from agentverse.agents.forms import fenced, form
from agentverse.agents.protocol import ArtifactView, Context, Segment, SourceFile, TurnRequest
from agentverse.agents.showing import show_artifact
from agentverse.agents.wording import RULES, say
from agentverse.blueprint.artifacts import Answer, Evidence, Opinion, Verdict
from agentverse.blueprint.text import Localized, localize
from agentverse.models.protocol import Message, Profile

BREAK = "\n\n"
_PASSING = (Verdict, Evidence, Opinion, Answer)
"""Artifacts about the files as they stood: they change more often than files do, and so come after them."""


def system_text(language: str, company_rules: Localized | None = None) -> str:
    """Working rules, the same text for all roles of a run. The form of a reply is told where it is asked for.

    Args:
        company_rules: the company's own working rules; the product's when left out.
    """
    return localize(company_rules, language).strip() or RULES.get(language, RULES["en"])


def build_context(
    *,
    idea: str,
    language: str,
    artifacts: ArtifactView,
    files: Sequence[SourceFile],
    system: str,
    opening: str | None = None,
) -> Context:
    """What everybody in a phase may see: idea, agreed artifacts, files, and last what was found out about the files.

    Args:
        opening: said in place of the idea.
        artifacts: oldest first.
        files: the one that changed longest ago first.
    """
    agreed = [(name, value) for name, _, value in artifacts if not isinstance(value, _PASSING)]
    passing = [(name, value) for name, _, value in artifacts if isinstance(value, _PASSING)]
    begins = f"{say('idea', language)}\n{idea.strip()}" if opening is None else opening.strip()
    segments = [Segment(begins)] if begins else []
    segments += _shown(agreed, language)
    segments += [Segment(fenced(file.path, file.text), path=file.path) for file in files]
    segments += _shown(passing, language)
    return Context(system=system, segments=tuple(segments))


def _shown(artifacts: Sequence[tuple[str, object]], language: str) -> list[Segment]:
    texts = [show_artifact(name, value, language) for name, value in artifacts]
    return [Segment(text) for text in texts if text]


def tail(turn: TurnRequest, language: str, *, native: bool = False) -> tuple[str, str]:
    """The volatile end of a prompt: who speaks, and what is asked with the form of the reply, or of a call.

    Args:
        native: the model calls tools in its own way.
    """
    persona = localize(turn.persona.prompt, language).strip()
    if not persona:
        title = localize(turn.persona.title, language) or turn.role
        persona = say("role", language, title=title, duties=localize(turn.persona.duties, language)).strip()
    calling = turn.calling
    wanted = form(turn.expects, language) if calling is None else calling.native if native else calling.asked
    asked = f"{turn.instruction.strip()}{BREAK}{wanted}"
    return f"{say('your_turn', language)}\n{persona}", asked.lstrip()


def messages(turn: TurnRequest, profile: Profile, language: str = "en") -> tuple[Message, ...]:
    """The prompt of a turn's first attempt: a system message and one user message.

    Raises:
        ContextOverflow: it is too long for the model even when shortened.
    """
    ending = tail(turn, language)
    fitted: Fitted = fit(turn, profile, language, fixed=(turn.context.system, *ending))
    user = BREAK.join([*(segment.text for segment in (*fitted.segments, *fitted.transcript)), *ending])
    return (Message("system", turn.context.system), Message("user", user))
