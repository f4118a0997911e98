"""Which programming languages a run may use: found out before a token is spent.

A company asks for them when it names ``code`` or ``languages`` in a template, or says ``run: auto`` or ``run: lint``.
Others write Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentverse import templates
from agentverse.blueprint.company import Phase, Trial
from agentverse.blueprint.explain import did_you_mean
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.blueprint.load import Library
from agentverse.engine.languages import NAMED, PYTHON, VARIABLES, Languages, find
from agentverse.errors import UsageError
from agentverse.sandbox.toolchain import survey

if TYPE_CHECKING:
    from agentverse.blueprint.resolved import Resolved
    from agentverse.sandbox.protocol import SandboxBackend


async def look(backend: SandboxBackend, blueprint: Resolved, *, chosen: str = "", library: Library) -> Languages:
    """What a run of ``blueprint`` is to know.

    Args:
        chosen: name of the language that the user wants; "" for none.

    Raises:
        UsageError: there is no such language, it cannot be used here, or the company does not ask for languages.
    """
    if not asks(blueprint):
        if chosen and named(chosen, library).name != PYTHON:
            raise UsageError(
                f"the company '{blueprint.company.name}' writes Python only", fix="Choose another company."
            )
        return Languages()
    wanted = named(chosen, library) if chosen else None
    known = library.languages()
    lacks = await survey(backend, known)
    if wanted is not None and (lack := lacks.get(wanted.name)):
        raise UsageError(lack.why, fix=lack.fix or None)
    usable = {name: one for name, one in known.items() if lacks[name] is None}
    lacking = {other: lack for name, lack in lacks.items() if lack for other in known[name].names}
    return Languages(usable, lacking, wanted.name if wanted else "", asked=True)


def named(name: str, library: Library) -> ProgrammingLanguage:
    """The language that goes by ``name``.

    Raises:
        UsageError: there is none; says which there are.
        BlueprintError: its file is broken.
    """
    wanted = name.strip().casefold()
    if library.find("language", wanted) is not None:
        return library.load_language(wanted)
    known = library.languages()
    found = find(wanted, known)
    if found is None:
        near = did_you_mean(wanted, [other for one in known.values() for other in one.names])
        there = f"There are: {', '.join(known)}; en and zh for people."
        raise UsageError(f"there is no language {name!r}", fix=f"{near[0].upper()}{near[1:]}" if near else there)
    return found


# ---------------------------------------------------------------------- what a company says


def asks(blueprint: Resolved) -> bool:
    """Whether a company, or one that it calls, depends on the product's language."""
    own = any(_asks(phase, set(blueprint.company.inputs)) for phase in blueprint.company.phases.values())
    return own or any(asks(inner) for inner in blueprint.companies.values())


def _asks(phase: Phase, inputs: set[str]) -> bool:
    said = phase.run.command if isinstance(phase.run, Trial) else phase.run
    if said in NAMED:
        return True
    own = set(phase.produces) | inputs
    return any(name.split(".", 1)[0] in VARIABLES - own for text in _texts(phase) for name in _names(text))


def _texts(phase: Phase) -> Iterator[tuple[str, bool]]:
    """Templates of a phase, and whether each is an expression."""
    for text in (phase.prompt, phase.human or ""):
        yield from ((part, False) for part in (text.values() if isinstance(text, dict) else [text]))
    yield from ((path, False) for path in phase.paths)
    yield from ((text, True) for text in (phase.when, *phase.inputs.values()) if text)


def _names(text: tuple[str, bool]) -> set[str]:
    try:
        return templates.names(text[0], expression=text[1])
    except templates.TemplateError:
        return set()
