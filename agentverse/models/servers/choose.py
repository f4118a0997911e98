"""Which model to serve here when nobody named one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import CannotServe
from agentverse.models.catalogue.entry import FORMS, Engine, Entry, Form
from agentverse.models.catalogue.fit import CONTEXT, Place, choose, fits
from agentverse.models.catalogue.load import entries, find
from agentverse.models.catalogue.local import local_file
from agentverse.models.catalogue.machine import Machine
from agentverse.models.servers import embedded, vllm
from agentverse.models.servers.gguf import entry_of, trained_context
from agentverse.models.servers.launch import CALLED, Launch


@dataclass(frozen=True, slots=True)
class Plan:
    """A model to serve, and with what.

    Attributes:
        place: where its weights lie; None when they have to be downloaded.
        most: tokens of context it was trained with, where the catalogue does not say.
    """

    engine: Engine
    entry: Entry
    place: Path | None
    most: int | None = None

    @property
    def form(self) -> Form:
        return FORMS[self.engine]

    @property
    def size(self) -> int:
        """Bytes of the weights."""
        return self.entry.forms[self.form].size

    def launch(
        self, place: Path, machine: Machine, *, port: int, context: int | None = None, least: int = 0, key: str = ""
    ) -> Launch:
        """How it is started.

        Args:
            place: where its weights lie.

        Raises:
            CannotServe.
        """
        if self.engine == "vllm":
            draft = _draft(self.entry)
            return vllm.launch(
                self.entry, place, machine, port=port, context=context, least=least, key=key, draft=draft
            )
        return embedded.launch(
            self.entry, place, machine, port=port, context=context, least=least, most=self.most, key=key
        )


def _draft(entry: Entry) -> Path | None:
    """The model that guesses ahead for another, when somebody has downloaded it."""
    return local_file(find(entry.speculation.draft), "safetensors") if entry.speculation else None


def plans(machine: Machine, *, least: int = 0) -> Iterator[Plan]:
    """What could be served here, best first: on the graphics card, then on the processor. By each engine the best
    model that is on the disk already, or the one to download. What comes with code of its maker has to be named.

    Args:
        least: tokens of context below which there is no use in it.
    """
    for engine in engines(machine):
        form, place = FORMS[engine], _place(engine)
        context = max(least, CONTEXT)
        ready = next(
            (
                Plan(engine, entry, file)
                for entry in entries()
                if entry.kind == "text" and not (engine == "vllm" and entry.remote_code)
                if fits(machine, entry, form, context=context, place=place)
                if (file := local_file(entry, form)) is not None
            ),
            None,
        )
        chosen = None if ready else choose(machine, form, context=context, place=place)
        if ready:
            yield ready
        elif chosen:
            yield Plan(engine, chosen.entry, None)


def plan_for(name: str, machine: Machine, *, engine: Engine | None = None) -> Plan:
    """The plan for a model that was named: one of the catalogue, or a GGUF file.

    Raises:
        UsageError: the catalogue does not know it, or not in a form that ``engine`` reads.
        CannotServe: no engine here can serve it, or the file is no model that can be talked to.
    """
    path = Path(name).expanduser()
    if path.suffix == ".gguf":
        if engine == "vllm":
            raise CannotServe("vLLM is not given GGUF files", fix="Leave --engine out.")
        return Plan("llamacpp", entry_of(path), path, trained_context(path) or None)
    entry = find(name)
    engine = engine or engine_for(entry, machine)
    if FORMS[engine] not in entry.forms:
        raise CannotServe(
            f"{entry.name} does not come in a form that {CALLED[engine]} reads", fix="See: agentverse models list"
        )
    return Plan(engine, entry, local_file(entry, FORMS[engine]))


def engines(machine: Machine) -> list[Engine]:
    """The engines that can work here, the quickest first. A vLLM for processors comes last: it needs three times the
    memory of llama.cpp, whose weights are quantised.
    """
    place = _place("vllm")
    found: list[Engine] = []
    if machine.gpus and place == "gpu":
        found.append("vllm")
    if embedded.installed():
        found.append("llamacpp")
    if place == "cpu":
        found.append("vllm")
    return found


def _place(engine: Engine) -> Place | None:
    """Where an engine computes here; None when it is not installed."""
    if engine == "llamacpp":
        return "cpu"
    program = vllm.program()
    return vllm.place(program) if program else None


def engine_for(entry: Entry, machine: Machine) -> Engine:
    """The engine that serves a model best here.

    Raises:
        CannotServe: none can.
    """
    there, least = engines(machine), min(vllm.CONTEXTS[-1], entry.profile.context)
    for engine in there:
        form, place = FORMS[engine], _place(engine)
        if form in entry.forms and (engine == "llamacpp" or fits(machine, entry, form, context=least, place=place)):
            if engine == "llamacpp":
                embedded.require()
            return engine
    if "gguf" not in entry.forms and "vllm" in there:
        return "vllm"  # why it does not fit is said when it is started
    if "gguf" not in entry.forms:
        raise CannotServe(
            f"{entry.name} is for vLLM on a graphics card: {machine.trouble or 'vLLM is not installed'}",
            fix=machine.fix
            or "Install vLLM (pip install 'agentverse[vllm]'), or serve another: agentverse models list",
        )
    raise CannotServe(
        "no engine is installed that could serve it", fix="Install one: pip install xllamacpp, or 'agentverse[vllm]'"
    )
