"""One execution of one phase, for one item of it when it fans out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agentverse import templates
from agentverse.agents.layout import build_context, system_text
from agentverse.agents.protocol import Context, Expectation, Segment, SourceFile, TurnRequest, TurnResult
from agentverse.blueprint.artifacts import Artifact, Edits, Evidence, Files, Opinion, Requirements, Verdict
from agentverse.blueprint.company import Chosen, Phase, TypeSpec
from agentverse.blueprint.environment import Seat
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import localize
from agentverse.engine.allowed import allowed
from agentverse.engine.judging import no_weaker
from agentverse.engine.pictures import pictures_of
from agentverse.engine.rising import cascade_of, first_tier
from agentverse.engine.state import Stamp, State
from agentverse.engine.words import word
from agentverse.errors import PathRefused, PhaseFailed
from agentverse.journal.events import ArtifactMade, FilesChanged, PathsRefused, PhaseFailedEvent
from agentverse.models.pictures import kind_of
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.flow import Flow
    from agentverse.engine.work import Work

PASSING = (Evidence, Verdict, Opinion)
"""Artifacts about the files as they stood: shown only to phases that read them."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a phase kind is given.

    Attributes:
        number: 1 on the first visit.
        state: what came in.
        place: where the phase stands in the company, from 0.
        strain: how many times the same failure was seen; agents are asked with more freedom.
        again: 0, or which retry of the same visit this is (``on_error: retry``).
    """

    flow: Flow
    name: str
    spec: Phase
    number: int
    state: State
    place: int
    item: str = ""
    item_index: int = 0
    """Place among the items, those that others depend on first."""
    item_value: Any = None
    since: int | None = None
    """Clock at which the items began; the state's own when left out. All items of a visit count as equally old."""
    strain: int = 0
    repairs: int = 0
    """How often this phase led back before, without the loop having ended."""
    again: int = 0
    slack: bool = False
    """Other items of the visit take longer than this one."""
    raised: int = 0
    """Tiers to go up (``on_error: escalate``)."""

    @property
    def work(self) -> Work:
        return self.flow.work

    @property
    def visit_key(self) -> str:
        again = f"~{self.again}" if self.again else ""
        return f"{self.flow.prefix}{self.name}#{self.number}{again}"

    @property
    def key(self) -> str:
        """Prefix of the keys of all steps of this visit and item."""
        return f"{self.visit_key}/{self.item or '-'}"

    @property
    def stamp(self) -> Stamp:
        return ((self.state.clock if self.since is None else self.since) + 1, self.place, self.item_index)

    @property
    def at(self) -> int:
        """Time of commits made here, from the run's clock and the place in the graph."""
        return int(self.work.clock) + self.stamp[0]

    @property
    def failed(self) -> PhaseFailed | None:
        """How this visit failed before the run was resumed, when the run went on without it. Then what is not in the
        journal is not tried any more: it might succeed now, and what follows is recorded as if it had not.
        """
        known = self.work.journal.recall(f"{self.visit_key}/failed")
        if known is not None and isinstance(known.event, PhaseFailedEvent) and known.event.handled != "fail":
            return PhaseFailed(known.event.reason, code=known.event.code)
        return self.flow.failed

    @property
    def urgent(self) -> bool:
        """Whether how long the run takes depends on this."""
        return self.name in self.flow.critical and not self.slack

    @property
    def priority(self) -> int:
        """Of calls made here, lower first: what a person waits for, then what the length of a run depends on."""
        return (0 if self.work.host.attended else 2) + (0 if self.urgent else 1)

    # ------------------------------------------------------------------ what agents are told

    @property
    def code(self) -> ProgrammingLanguage:
        """The programming language of the product."""
        return self.work.languages.of_product(self.state, outer=self.flow.code)

    def variables(self) -> dict[str, Any]:
        """What templates may name."""
        languages = self.work.languages.variables(self.code, self.work.language)
        values: dict[str, Any] = {**languages, **self.flow.inputs, **self.state.values()}
        values.update(
            idea=self.flow.idea, language=self.work.language, visit=self.number, phase=self.name, item=self.item
        )
        if self.spec.each is not None and self.item_value is not None:
            values[self.spec.each.split(" in ", 1)[0].strip()] = self.item_value
        return values

    def instruction(self) -> str:
        """The phase's prompt, rendered; and when the same failure came back, a word on what did not help."""
        said = localize(self.spec.prompt, self.work.language)
        text = (templates.render(said, self.variables()) if "{" in said else said).strip()
        return f"{text}\n{word('same_failure', self.work.language)}" if self.strain else text

    def shown(self, name: str) -> bool:
        """Whether an artifact is shown here at all."""
        return self.spec.reads is None or name in self.spec.reads

    def context(self) -> Context:
        """The shared beginning of every prompt of this visit."""
        named = self.flow.reads(self.name)
        artifacts = [
            (made.name, made.type, made.value)
            for made in self.state.oldest_first()
            if self.shown(made.name)
            and not isinstance(made.value, Files | Edits)
            and (made.name in named or not isinstance(made.value, PASSING))
        ]
        files: list[SourceFile] = []
        for path, note in self.state.files_oldest_first():
            if not self.shown(note.artifact):
                continue
            content = self.work.repo.read(self.state.commit, path)
            picture = word("picture", self.work.language) if kind_of(content) else ""
            files.append(SourceFile(path, picture or content.decode("utf-8", "replace"), note.artifact))
        rules = localize(self.flow.company.rules, self.work.language) or None
        return build_context(
            idea=self.flow.idea,
            language=self.work.language,
            artifacts=artifacts,
            files=files,
            system=system_text(self.work.language, rules),
            opening=self._opening(),
        )

    def _opening(self) -> str | None:
        """What the company has prompts begin with; None for the idea."""
        said = self.flow.company.opening
        return None if said is None else templates.render(localize(said, self.work.language), self.variables())

    def heard(self) -> tuple[Segment, ...]:
        """What was already tried, when the same failure came back."""
        if not self.strain or not self.state.tried:
            return ()
        tried = "\n".join(attempt.patch for attempt in self.state.tried[-2:])
        return (Segment(word("tried", self.work.language, patch=tried)),)

    @property
    def meeting(self) -> str:
        """Name of the environment that the phase, or one of the run's inputs, names; "" when it is no meeting."""
        said = self.spec.meet
        return str(self.flow.inputs.get(said.by, "")) if isinstance(said, Chosen) else said or ""

    def seat(self, name: str) -> Seat | None:
        """What the phase's environment says of a seat; None when it has none of that name."""
        environment = self.flow.blueprint.environments.get(self.meeting)
        return (
            environment.seats.get(name) or environment.seats.get(name.rpartition("_")[0])
            if environment is not None
            else None
        )

    def role(self, name: str) -> Role:
        return self.flow.blueprint.roles[name]

    def expectation(self, name: str, type: TypeSpec) -> Expectation:
        """What a reply for the artifact ``name`` must be, given who owns which file."""
        if type == "requirements":
            return Expectation(type=type, check=self.work.languages.check(self.work.idea, self.work.language))
        if type not in ("files", "edits"):
            return Expectation(type=type)
        owned = {
            path: word("owned", self.work.language, artifact=note.artifact)
            for path, note in self.state.files.items()
            if note.artifact not in (name, "")
        }
        wanted = [templates.render(path, self.variables()) for path in self.spec.paths]
        paths = tuple(path for path in wanted if "*" not in path)
        if type == "files" and not paths and isinstance(getattr(self.item_value, "path", None), str):
            paths = (self.item_value.path,)
        base = {path: self.work.repo.read(self.state.commit, path) for path in self.state.files}
        patterns = tuple(path for path in wanted if "*" in path)
        own = {path: base[path] for path, note in self.state.files.items() if note.artifact == name}
        check = no_weaker(own, self.work.language, self.code)
        return Expectation(type=type, paths=paths, base=base, owned=owned, suffixes=patterns, check=check)

    def request(
        self,
        role_name: str,
        expects: Expectation,
        *,
        turn: int | str = 1,
        instruction: str | None = None,
        context: Context | None = None,
        transcript: tuple[Segment, ...] = (),
        seat: str = "",
        samples: int = 1,
        warmer: float = 0.0,
        persona: Role | None = None,
        tools: tuple[str, ...] | None = None,
    ) -> TurnRequest:
        """A turn of ``role_name`` in this visit.

        Args:
            context: handed in when several turns share it.
            warmer: added to the temperature.
            persona: the role, when it is none of the company's.
            tools: instead of those that seat, phase or role may use.
        """
        persona = persona or self.role(role_name)
        tier = self.spec.model or persona.model
        temperature = self.spec.temperature if self.spec.temperature is not None else persona.temperature
        warmer += 0.2 * self.strain
        if warmer:
            temperature = min(1.2, (0.6 if temperature is None else temperature) + warmer)
        key = f"{self.key}/{turn}"
        cascade = cascade_of(self, persona)
        tier = first_tier(self, tier, key, cascade)
        return TurnRequest(
            key=key,
            phase=self.name,
            visit=self.number,
            role=role_name,
            persona=persona,
            instruction=self.instruction() if instruction is None else instruction,
            expects=expects,
            context=context or self.context(),
            transcript=transcript or self.heard(),
            item=self.item,
            seat=seat,
            tier=tier,
            pictures=pictures_of(self, tier),
            cascade=cascade,
            temperature=temperature,
            samples=samples,
            priority=self.priority,
            tools=allowed(self.spec, persona, self.seat(seat)) if tools is None else tools,
            failed=self.failed,
        )

    async def take(self, request: TurnRequest) -> TurnResult:
        """One turn, by somebody who has read what people said to them, with the tools it may use.

        What the tools did to the files counts from `after` on.

        Raises:
            PhaseFailed, ModelError, LimitReached: see `agentverse.agents.protocol.TakesTurns`.
            ToolServerFailed, UsageError, SandboxLost …: a tool cannot be had any more; the run stops.
        """
        request = await self.work.hearing.heard(request, self.work.language)
        if not request.tools:
            return await self.work.desk.take(request)
        from agentverse.engine.tooling import take_with_tools

        return await take_with_tools(self, request)

    async def after(self, result: TurnResult) -> Visit:
        """This visit on the files as the tools of a turn left them."""
        if not result.moved:
            return self
        from agentverse.engine.tooling import moved

        return await moved(self, result)

    # ------------------------------------------------------------------ what comes out

    async def change_files(self, artifact: str, changes: Changes, *, author: str, turn: int | str = 1) -> State:
        """Commit what a turn did to the files.

        Raises:
            PhaseFailed: code ``path``; the change cannot be committed.
        """
        key = f"{self.key}/{turn}/files"
        stamp = self.stamp
        known = self.work.journal.recall(key)
        if known is not None and isinstance(known.event, FilesChanged):
            commit = known.event.commit
        else:
            title = localize(self.role(author).title, "en") or author if author in self.flow.blueprint.roles else author
            try:
                commit = await asyncio.to_thread(
                    self.work.repo.commit,
                    self.state.commit,
                    changes,
                    author=title,
                    message=self._message(changes),
                    at=self.at,
                )
            except PathRefused as error:
                refused = {path: str(error) for path in [*changes.write, *sorted(changes.delete)]}
                self.work.journal.note(
                    f"{key}/refused", PathsRefused(phase=self.name, visit=self.number, paths=refused)
                )
                raise PhaseFailed(str(error), code="path", fix=error.fix) from error
            event = FilesChanged(
                phase=self.name,
                visit=self.number,
                author=title,
                commit=commit,
                parents=[self.state.commit],
                written=sorted(changes.write),
                deleted=sorted(changes.delete),
            )
            await self.work.journal.record(key, event)
        self.work.latest = commit
        return self.state.with_files(
            commit,
            artifact=artifact,
            written=sorted(changes.write),
            deleted=sorted(changes.delete),
            stamp=stamp,
        )

    def _message(self, changes: Changes) -> str:
        title = localize(self.spec.title, "en") or self.name.replace("_", " ").capitalize()
        again = f" (visit {self.number})" if self.number > 1 else ""
        paths = [*sorted(changes.write), *sorted(changes.delete)]
        what = ", ".join(paths[:4]) + (" …" if len(paths) > 4 else "")
        return f"{title}{again}: {what}" if what else f"{title}{again}"

    def make(self, state: State, name: str, type: TypeSpec, value: Any, *, turn: int | str = 1) -> State:
        """Add an artifact to ``state`` and to the journal; ``turn`` is the turn of the visit that made it."""
        plain = value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, Artifact) else value
        kind = type if isinstance(type, str) else ("choice" if "choice" in type else "json")
        self.work.journal.note(
            f"{self.key}/{turn}/made/{name}",
            ArtifactMade(phase=self.name, visit=self.number, name=name, kind=kind, value=plain),
        )
        return state.with_made(name, type, value, self.stamp)

    async def keep(self, name: str, type: TypeSpec, value: Any, *, author: str, turn: int | str = 1) -> State:
        """Make an artifact of an accepted reply's value; files are committed first."""
        if isinstance(value, Requirements):
            value = self.work.languages.settled(value)
        if not isinstance(value, Changes):
            return self.make(self.state, name, type, value, turn=turn)
        state = await self.change_files(name, value, author=author, turn=turn)
        paths = sorted(path for path, note in state.files.items() if note.artifact == name)
        made = (Edits if type == "edits" else Files)(paths=paths, commit=state.commit)
        return self.make(state, name, type, made, turn=turn)

    def for_item(self, item: str, index: int, value: Any, state: State, *, slack: bool = False) -> Visit:
        """This visit for one item, on the state that the items it depends on left."""
        since = self.state.clock
        return replace(
            self, item=item, item_index=index, item_value=value, state=state, since=since, slack=self.slack or slack
        )

    def evaluate(self, expression: str) -> Any:
        return templates.evaluate(expression, self.variables())
