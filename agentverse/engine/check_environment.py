"""Everything that can be found wrong with an environment before anybody sits down in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agentverse import templates
from agentverse.blueprint.acting import ENDS, Action, Moment, Stage
from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.environment import Environment, Seat
from agentverse.blueprint.explain import did_you_mean
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import Localized, in_language
from agentverse.environment.actions import BUILT_IN, actions_of, needs
from agentverse.environment.bounds import bounds_of
from agentverse.environment.known import ALWAYS, REASON, known_names
from agentverse.environment.protocol import PASS
from agentverse.environment.registry import make_rule
from agentverse.environment.rules.description import VIEW
from agentverse.environment.world import TARGET
from agentverse.errors import UsageError
from agentverse.tools.registry import RECORDED


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: the path within the environment, a sentence, how to mend it."""

    path: FieldPath
    what: str
    fix: str | None = None
    at_key: bool = False


def environment_faults(environment: Environment) -> list[Fault]:
    """What is wrong with an environment: rules, actions, world, stages, and the templates of all of them."""
    return [*_Check(environment).faults()]


class _Check:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.known = known_names(environment)
        self.actions = actions_of(environment)

    def faults(self) -> Iterator[Fault]:
        yield from self._names()
        yield from self._rules(self.environment.rules.model_dump(), ("rules",))
        for seat, about in self.environment.seats.items():
            at: FieldPath = ("seats", seat)
            yield from self._acts(about.acts, (*at, "acts"))
            for field in ("prompt", "again"):
                yield from self._text(getattr(about, field), (*at, field), VIEW)
            if about.acts and about.writes != "text":
                yield Fault((*at, "writes"), "a seat either writes or acts; this one is given both.")
            if sum((bool(about.acts), about.runs is not None)) > 1:
                yield Fault((*at, "runs"), "a seat that the sandbox holds chooses no actions.")
            yield from self._recorded(about, at)
            if isinstance(about.count, str) and not isinstance(self.environment.params.get(about.count), int):
                what = f"there is no parameter {about.count!r} that is a whole number."
                yield Fault((*at, "count"), what, did_you_mean(about.count, self.environment.params))
        for name in self.environment.about.keys() - self.environment.params.keys():
            yield Fault(
                ("about", name), f"there is no parameter {name!r}.", did_you_mean(name, self.environment.params)
            )
        for name, action in self.environment.actions.items():
            yield from self._action(name, action)
        for name, stage in self.environment.stages.items():
            yield from self._stage(name, stage)
        for name, said in self.environment.measures.items():
            yield from self._expression(said, ("measures", name))
        told = frozenset({"idea", "language"})
        yield from self._text(self.environment.setting, ("setting",), told, world=False)
        yield from self._text(self.environment.recording, ("recording",), told, world=False)
        for path, text in self.environment.files.items():
            yield from self._text(text, ("files", path), told, world=False)
        more = {REASON, *self.environment.measures}
        yield from self._text(self.environment.report, ("report",), frozenset(more))

    def _names(self) -> Iterator[Fault]:
        taken: dict[str, str] = dict.fromkeys({*ALWAYS, REASON}, "always there")
        for group, names in (("params", self.environment.params), ("world", self.environment.world)):
            for name in names:
                if name in taken:
                    yield Fault((group, name), f"{name!r} is {taken[name]}; use another name.", at_key=True)
                taken[name] = "a parameter"
        for name in self.environment.world:
            spec = self.environment.field(name)
            if isinstance(spec.each, list):
                for seat in spec.each:
                    yield from self._seat(seat, ("world", name, "each"))
            if spec.value is not None:
                yield from self._expression(spec.value, ("world", name, "value"))

    def _recorded(self, about: Seat, at: FieldPath) -> Iterator[Fault]:
        """Tables are looked up where something was recorded."""
        role = about.role.tools if isinstance(about.role, Role) else []
        tools = role if about.tools is None else about.tools
        if not self.environment.recording and (about.records is not None or RECORDED in tools):
            which = "records" if about.records is not None else "tools" if about.tools is not None else "role"
            yield Fault((*at, which), "there is nothing to look up here.", "recording: NAME, a file in recordings/")
        elif about.records is not None and isinstance(about.role, Role) and RECORDED not in tools:
            yield Fault((*at, "records"), "this seat has no tool to look them up.", f"tools: [{RECORDED}]")

    def _seat(self, seat: str, at: FieldPath) -> Iterator[Fault]:
        declared = seat.rpartition("_")[0] if seat.rpartition("_")[2].isdigit() else seat
        if seat not in self.environment.seats and declared not in self.environment.seats:
            yield Fault(at, f"there is no seat {seat!r}.", did_you_mean(seat, self.environment.seats))

    # ------------------------------------------------------------------ rules

    def _rules(self, rules: Mapping[str, Any], at: FieldPath) -> Iterator[Fault]:
        for kind, said in rules.items():
            if kind == "stop":
                specs = [({name: value}, (*at, kind, name)) for name, value in cast("dict[str, Any]", said).items()]
                specs = [(spec, path) for spec, path in specs if next(iter(spec.values())) is not False]
            elif isinstance(said, list):
                specs = [(spec, (*at, kind, index)) for index, spec in enumerate(cast("list[Any]", said))]
            else:
                specs = [(said, (*at, kind))]
            for spec, path in specs:
                yield from self._rule(kind, spec, path)

    def _rule(self, kind: str, spec: Any, path: FieldPath) -> Iterator[Fault]:
        if not isinstance(spec, str) and not (isinstance(spec, dict) and len(cast("dict[str, Any]", spec)) == 1):
            yield Fault(path, "a rule is its name, or one mapping of its name to its options.")
            return
        try:
            made = make_rule(kind, cast("str | dict[str, Any]", spec), self.environment)
        except UsageError as error:
            yield Fault(path, _sentence(str(error)), error.fix, at_key=kind == "stop")
            return
        for field in ("among", "by", "points", "condition"):
            said = getattr(made, field, None)
            if isinstance(said, str) and said:
                yield from self._expression(said, path, frozenset({"seat", "action", "text"}))

    # ------------------------------------------------------------------ actions

    def _acts(self, acts: Sequence[str], at: FieldPath) -> Iterator[Fault]:
        there = {*self.environment.world, *self.environment.params}
        for index, name in enumerate(acts):
            path = (*at, index)
            if name not in self.actions:
                yield Fault(path, f"there is no action {name!r}; there are {', '.join(self.actions)}.",
                            did_you_mean(name, self.actions))  # fmt: skip
            elif (missing := needs(name) - there) and name not in self.environment.actions:
                yield Fault(path, f"the action {name!r} needs {_listed(missing)} in the world.")
        if acts and set(acts) == {PASS}:
            yield Fault(at, "a seat that may only pass says nothing; give it another action.")

    def _action(self, name: str, action: Action) -> Iterator[Fault]:
        at: FieldPath = ("actions", name)
        whole = self.actions[name]
        fields = frozenset(whole.fields)
        for field, spec in action.fields.items():
            if field in self.known:
                what = f"{field!r} is the name of something else here; call the field something else."
                yield Fault((*at, "fields", field), what, at_key=True)
            if isinstance(spec, dict) and "from" in spec:
                yield from self._expression(str(spec["from"]), (*at, "fields", field))
            yield from self._bounds(spec, (*at, "fields", field))
        yield from self._expression(action.offered, (*at, "offered"))
        yield from self._expression(action.allowed, (*at, "allowed"), fields)
        if action.heard_by is not None:
            yield from self._expression(action.heard_by, (*at, "heard_by"), fields)
        for field in ("about", "refused", "says"):
            yield from self._text(getattr(action, field), (*at, field), fields)
        yield from self._changes(action.changes, (*at, "changes"), fields)
        if action.leads_to is not None:
            yield from self._leads(action.leads_to, (*at, "leads_to"))
        base = BUILT_IN.get(name)
        if action.allowed != "true" and not action.refused and base is None:
            yield Fault((*at, "allowed"), "say in 'refused' what an agent is told when this does not hold.")

    def _bounds(self, spec: str | dict[str, Any], at: FieldPath) -> Iterator[Fault]:
        """Bounds of a number that are no expressions, or exclude every number whatever the world is like."""
        params = {name: in_language(value, "en") for name, value in self.environment.params.items()}
        unknown: list[str] = []

        def evaluate(said: str) -> Any:
            try:
                return templates.evaluate(said, params)
            except templates.TemplateError:
                unknown.append(said)  # it follows from the world, or is wrong, which is said below
                return None

        try:
            bounds = bounds_of(spec, evaluate)
        except UsageError as error:
            yield Fault(at, f"{error}.")
            return
        for said in unknown:
            yield from self._expression(said, at)
        if bounds is not None and bounds.empty:
            yield Fault(at, f"there is no such number: {bounds}.", "let 'min' be at most 'max'.")

    def _changes(
        self, changes: Mapping[str, str], at: FieldPath, more: frozenset[str] = frozenset()
    ) -> Iterator[Fault]:
        for target, said in changes.items():
            found = TARGET.match(target)
            path = (*at, target)
            if found is None or found[1] not in self.environment.world:
                name = found[1] if found else target
                yield Fault(path, f"the world has no field {name!r}.", did_you_mean(name, self.environment.world), True)
                continue
            per_seat = bool(self.environment.field(found[1]).each)
            if found[2] is not None:
                yield from self._expression(found[2], path, more)
            elif per_seat:
                yield Fault(path, f"{found[1]!r} has a value for each seat; write '{found[1]}[me]'.", None, True)
            yield from self._expression(said, path, more)

    # ------------------------------------------------------------------ stages

    def _stage(self, name: str, stage: Stage) -> Iterator[Fault]:
        at: FieldPath = ("stages", name)
        kinds = [kind for kind in type(self.environment.rules).model_fields if kind != "stop"]
        for kind in stage.rules:
            if kind not in kinds:
                what = f"a stage has no rule {kind!r}; it has {', '.join(kinds)}."
                yield Fault((*at, "rules", kind), what, did_you_mean(kind, kinds), at_key=True)
        yield from self._rules({kind: said for kind, said in stage.rules.items() if kind in kinds}, (*at, "rules"))
        if isinstance(stage.acts, list):
            yield from self._acts(stage.acts, (*at, "acts"))
        else:
            for seat, acts in stage.acts.items():
                yield from self._seat(seat, (*at, "acts", seat))
                yield from self._acts(acts, (*at, "acts", seat))
        yield from self._text(stage.task, (*at, "task"))
        for seat, task in stage.tasks.items():
            yield from self._seat(seat, (*at, "tasks", seat))
            yield from self._text(task, (*at, "tasks", seat))
        if stage.until is not None:
            yield from self._expression(stage.until, (*at, "until"))
        if isinstance(stage.steps, str) and not isinstance(self.environment.params.get(stage.steps), int):
            what = f"there is no parameter {stage.steps!r} that is a whole number."
            yield Fault((*at, "steps"), what, did_you_mean(stage.steps, self.environment.params))
        for which in ("begin", "end"):
            for index, moment in enumerate(cast("list[Moment]", getattr(stage, which))):
                yield from self._moment(moment, (*at, which, index))
        then = stage.then
        if isinstance(then, str):
            yield from self._leads(then, (*at, "then"))
        for index, lead in enumerate(then if isinstance(then, list) else ()):
            yield from self._leads(lead.to, (*at, "then", index, "to"))
            yield from self._expression(lead.when, (*at, "then", index, "when"))

    def _moment(self, moment: Moment, at: FieldPath) -> Iterator[Fault]:
        yield from self._expression(moment.when, (*at, "when"))
        yield from self._changes(moment.changes, (*at, "changes"))
        yield from self._text(moment.says, (*at, "says"))
        if moment.to is not None:
            yield from self._expression(moment.to, (*at, "to"))

    def _leads(self, stage: str, at: FieldPath) -> Iterator[Fault]:
        known = [*self.environment.stages, ENDS]
        if stage not in known:
            yield Fault(at, f"there is no stage {stage!r}.", did_you_mean(stage, known))

    # ------------------------------------------------------------------ templates

    def _text(
        self, text: Localized, at: FieldPath, more: frozenset[str] = frozenset(), *, world: bool = True
    ) -> Iterator[Fault]:
        if isinstance(text, str):
            yield from self._template(text, at, more, world=world)
        else:
            for language, part in text.items():
                yield from self._template(part, (*at, language), more, world=world)

    def _expression(self, said: str, at: FieldPath, more: frozenset[str] = frozenset()) -> Iterator[Fault]:
        yield from self._template(said, at, more, expression=True)

    def _template(
        self, source: str, at: FieldPath, more: frozenset[str], *, expression: bool = False, world: bool = True
    ) -> Iterator[Fault]:
        try:
            uses = templates.uses(source, expression=expression)
        except templates.BadTemplate as error:
            yield Fault(at, f"{error}.", error.fix)
            return
        known = (self.known if world else frozenset(self.environment.params)) | more
        for use in uses:
            if use.name not in known and not use.tested:
                what = f"nothing here is called {use.name!r}."
                yield Fault(at, what, did_you_mean(use.name, known) or f"there are {', '.join(sorted(known))}.")


def _sentence(text: str) -> str:
    return text if text.endswith(("?", ".")) else f"{text}."


def _listed(names: frozenset[str] | set[str]) -> str:
    return " and ".join(repr(name) for name in sorted(names))
