"""What a seat may do in one turn: the schema its reply is held to, the words that tell it, and how a reply is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.structured import find_json
from agentverse.blueprint.acting import Action
from agentverse.blueprint.text import localize
from agentverse.environment.bounds import Bounds, bounds_of
from agentverse.environment.words import word

if TYPE_CHECKING:
    from agentverse.environment.scene import Scene

_MOST_TEXT = 2000
_YES = frozenset({"true", "yes", "1", "是"})
_NO = frozenset({"false", "no", "0", "否"})


@dataclass(frozen=True, slots=True)
class Option:
    """One action as it may be chosen now."""

    name: str
    action: Action
    choices: Mapping[str, tuple[str, ...]]
    """Field: what there is to choose from, for those that are chosen."""
    bounds: Mapping[str, Bounds]
    """Field: between which numbers it may be, for those that have bounds."""


class Acts:
    """What ``seat`` may do now.

    Args:
        names: actions it may choose from at all.
    """

    def __init__(self, seat: str, names: Sequence[str], actions: Mapping[str, Action], scene: Scene) -> None:
        self.seat, self._scene = seat, scene
        self.options: dict[str, Option] = {}
        for name in names:
            option = self._option(name, actions[name])
            if option is not None:
                self.options[name] = option

    def _option(self, name: str, action: Action) -> Option | None:
        """The action as it stands now; None when there is nothing to choose from, or it is not offered."""
        if not self._scene.evaluate(action.offered, self.seat):
            return None
        choices: dict[str, tuple[str, ...]] = {}
        bounds: dict[str, Bounds] = {}
        for field, spec in action.fields.items():
            limits = bounds_of(spec, lambda said: self._scene.evaluate(said, self.seat))
            if limits is not None:
                if limits.empty:
                    return None
                bounds[field] = limits
                continue
            found = self._choices(spec)
            if found is not None:
                if not found:
                    return None
                choices[field] = found
        return Option(name, action, choices, bounds)

    def _choices(self, spec: str | dict[str, Any]) -> tuple[str, ...] | None:
        if spec == "seat":
            return tuple(self._scene.seats)
        if spec == "others":
            return tuple(seat for seat in self._scene.seats if seat != self.seat)
        if isinstance(spec, str):
            return None
        if "choice" in spec:
            return tuple(map(str, spec["choice"]))
        return tuple(map(str, self._scene.evaluate(str(spec["from"]), self.seat)))

    # ------------------------------------------------------------------ what is asked for

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a reply: one action with its fields, every one required, nothing else."""
        parts = [self._schema(option) for option in self.options.values()]
        return parts[0] if len(parts) == 1 else {"anyOf": parts}

    def _schema(self, option: Option) -> dict[str, Any]:
        properties: dict[str, Any] = {"action": {"type": "string", "enum": [option.name]}}
        for field, spec in option.action.fields.items():
            properties[field] = self._field_schema(option, field, spec)
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def _field_schema(self, option: Option, field: str, spec: str | dict[str, Any]) -> dict[str, Any]:
        if field in option.choices:
            return {"type": "string", "enum": self.called(option.name, field)}
        if field in option.bounds:
            return option.bounds[field].schema()
        if spec == "text":
            return {"type": "string", "minLength": 1, "maxLength": _MOST_TEXT}
        return {"type": {"yes_no": "boolean"}.get(str(spec), str(spec))}

    @property
    def form(self) -> str:
        """What to reply, for the end of a prompt."""
        language = self._scene.language
        lines = [word("one_of" if len(self.options) > 1 else "this", language)]
        for option in self.options.values():
            shown = json.dumps(self._example(option), ensure_ascii=False)
            about = self._scene.render(localize(option.action.about, language), self.seat)
            lines.append(f"{shown} — {about}" if about else shown)
        return "\n".join(lines)

    def _example(self, option: Option) -> dict[str, Any]:
        example: dict[str, Any] = {"action": option.name}
        for field, spec in option.action.fields.items():
            if field in option.choices:
                example[field] = " | ".join(self.called(option.name, field))
            elif field in option.bounds:
                example[field] = str(option.bounds[field])
            else:
                example[field] = {"integer": 1, "number": 1.5, "yes_no": True}.get(str(spec), "…")
        return example

    def called(self, name: str, field: str) -> list[str]:
        """What there is to choose from for a field of an action, none for one that is written freely. Choices are
        called as in the conversation; where two would be called the same, as they are.
        """
        choices = self.options[name].choices.get(field, ())
        called = [str(self._scene.names.get(choice, choice)) for choice in choices]
        return called if len(set(called)) == len(called) else list(choices)

    def expectation(self) -> Expectation:
        """What the reply must be to count."""
        return Expectation(type=self.schema, form=self.form, reader=lambda text, _finish: self.read(text))

    # ------------------------------------------------------------------ what came

    def read(self, text: str) -> Read:
        """The action in a reply.

        Raises:
            Unreadable: it is none that may be done now; says what may be done, and who is there.
        """
        if not text.strip():
            raise Unreadable("empty")
        mended: list[str] = []
        found = find_json(text, mended)
        if isinstance(found, list):
            found = next(iter(cast("list[Any]", found)), None)
        if not isinstance(found, dict):
            raise Unreadable("bad_json")
        given = cast("dict[str, Any]", found)
        option = self._chosen(given)
        value: dict[str, Any] = {"action": option.name}
        for field, spec in option.action.fields.items():
            value[field] = self._field(option, field, spec, given.get(field))
        self.allow(value)
        return Read(value, mended)

    def _chosen(self, given: Mapping[str, Any]) -> Option:
        said = str(given.get("action", "")).strip()
        if not said and len(self.options) == 1:
            return next(iter(self.options.values()))
        option = self.options.get(said) or self.options.get(said.lower().replace(" ", "_"))
        return option or self._refuse("no_action", said=said, known=", ".join(self.options))

    def _field(self, option: Option, field: str, spec: str | dict[str, Any], said: Any) -> Any:
        if field in option.choices:
            return self._choice(option, field, said)
        if spec == "text":
            text = said.strip() if isinstance(said, str) else ""
            if not text:
                self._refuse("no_text", field=field, action=option.name)
            return text[:_MOST_TEXT]
        bounds = option.bounds.get(field)
        whole = spec == "integer" if bounds is None else bounds.whole
        value = _yes_no(said) if spec == "yes_no" else _number(said, whole=whole)
        if value is None:
            self._refuse("no_number" if spec != "yes_no" else "no_yes_no", field=field, said=str(said)[:80])
        if bounds is not None and value is not None and not bounds.hold(value):
            self._refuse("not_within", field=field, said=str(said)[:80], bounds=str(bounds))
        return value

    def _choice(self, option: Option, field: str, said: Any) -> str:
        """What was chosen; seats also by the names they go by."""
        names = self._scene.names
        wanted = str(said).strip().casefold()
        for choice in option.choices[field]:
            if wanted in (choice.casefold(), str(names.get(choice, choice)).casefold()):
                return choice
        return self._refuse(
            "no_such", field=field, said=str(said)[:80], known=", ".join(self.called(option.name, field))
        )

    def allow(self, value: Mapping[str, Any]) -> None:
        """Raises Unreadable when the world does not allow the action."""
        action = self.options[str(value["action"])].action
        fields = {name: value[name] for name in action.fields}
        if not self._scene.evaluate(action.allowed, self.seat, **fields):
            said = self._scene.render(localize(action.refused, self._scene.language), self.seat, **fields)
            raise Unreadable("check", what=said or word("not_allowed", self._scene.language, action=value["action"]))

    def _refuse(self, name: str, **facts: str) -> Any:
        raise Unreadable("check", what=word(name, self._scene.language, **facts))


def _number(said: Any, *, whole: bool) -> int | float | None:
    if isinstance(said, bool):
        return None
    try:
        value = float(said)
    except (TypeError, ValueError):
        return None
    if value != value or abs(value) > 1e15:
        return None
    if not whole:
        return value
    return int(value) if value == int(value) else None


def _yes_no(said: Any) -> bool | None:
    if isinstance(said, bool):
        return said
    word = str(said).strip().casefold()
    return True if word in _YES else False if word in _NO else None
