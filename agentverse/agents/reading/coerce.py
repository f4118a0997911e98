"""Putting right, by its schema, a value that a small model almost got right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, cast

_TRUE = frozenset({"true", "yes", "y", "1", "on", "ok", "approved", "agreed", "agree", "是", "对", "同意", "通过"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "rejected", "disagree", "否", "不", "不同意", "不通过", "未通过"})
_NONE = frozenset({"", "none", "null", "n/a", "nothing", "standard library", "stdlib", "无", "没有", "标准库"})
_SYNONYMS = {
    "cli": "command", "console": "command", "script": "command", "tool": "command", "gui": "window",
    "desktop": "window", "tui": "terminal", "curses": "terminal", "website": "web", "webapp": "web", "api": "web",
    "package": "library", "module": "library", "critical": "blocker", "fatal": "blocker", "high": "blocker",
    "error": "major", "medium": "major", "moderate": "major", "warning": "minor", "low": "minor", "info": "minor",
    "nit": "minor", "trivial": "minor",
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SPLIT = re.compile(r"\s*[,;，；、\n]\s*")
_UNTOUCHED = frozenset({"id"})
"""Fields a bare string is never put into."""

Schema = Mapping[str, Any]


class Coercion:
    """One pass over a value.

    Args:
        root: the schema that ``$ref`` points into.
    """

    def __init__(self, root: Schema) -> None:
        self.mended: list[str] = []
        self._root = root

    def value(self, value: Any, schema: Any, where: str = "") -> Any:
        """``value`` with what can be put right put right; what cannot stays for the validation to name."""
        if not isinstance(schema, dict):
            return value
        known = self._resolve(cast("Schema", schema))
        if "enum" in known:
            return self._enum(value, known["enum"], where)
        kind = known.get("type") or ("object" if "properties" in known else None)
        if isinstance(kind, list):
            kinds = [one for one in cast("list[str]", kind) if one != "null"]
            if value is None or len(kinds) != 1:
                return value
            kind = kinds[0]
        way = _WAYS.get(str(kind))
        return value if way is None else way(self, value, known, where)

    def _resolve(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            target: Any = self._root
            for step in str(schema["$ref"]).removeprefix("#/").split("/"):
                target = target.get(step, {}) if isinstance(target, dict) else {}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            return cast("Schema", target) if isinstance(target, dict) else {}
        for many in ("anyOf", "oneOf"):
            branches = [part for part in schema.get(many, []) if part.get("type") != "null"]
            if len(branches) == 1:
                return self._resolve(branches[0])
        return schema

    def _note(self, where: str, what: str) -> None:
        self.mended.append(f"{where or 'the reply'} {what}")

    def _enum(self, value: Any, options: list[Any], where: str) -> Any:
        if value in options or not isinstance(value, str):
            return value
        words = {str(option).casefold(): option for option in options}
        said = value.strip().casefold()
        chosen = words.get(said)
        if chosen is None:
            chosen = words.get(_SYNONYMS.get(said, ""))
        if chosen is None:
            held = [option for word, option in words.items() if re.search(rf"\b{re.escape(word)}\b", said)]
            chosen = held[0] if len(held) == 1 else None
        if chosen is None:
            near = get_close_matches(said, words, n=1, cutoff=0.6)
            chosen = words[near[0]] if near else None
        if chosen is None:
            return value
        self._note(where, f"{value!r} taken as {chosen!r}")
        return chosen

    def _boolean(self, value: Any, schema: Schema, where: str) -> Any:
        if isinstance(value, bool):
            return value
        said = str(value).strip().casefold().rstrip(".!。！")
        if said in _TRUE or said in _FALSE:
            self._note(where, f"{value!r} taken as {said in _TRUE}")
            return said in _TRUE
        return value

    def _number(self, value: Any, schema: Schema, where: str) -> Any:
        whole = schema.get("type") == "integer" or "integer" in str(schema.get("type"))
        if value is None or value == "":
            return 0 if whole and "default" in schema else value
        if isinstance(value, str) and (found := _NUMBER.search(value)) is not None:
            self._note(where, f"{value!r} taken as a number")
            value = float(found.group())
        if isinstance(value, float) and (whole or value.is_integer()) and value.is_integer():
            return int(value)
        return value

    def _string(self, value: Any, schema: Schema, where: str) -> Any:
        if value is None:
            return "" if not schema.get("minLength") else value
        if isinstance(value, list) and all(isinstance(part, str) for part in cast("list[Any]", value)):
            value = "; ".join(cast("list[str]", value))
            self._note(where, "was a list")
        elif isinstance(value, bool | int | float):
            value = str(value)
            self._note(where, "was not a string")
        if not isinstance(value, str):
            return cast("Any", value)
        limit = schema.get("maxLength")
        if isinstance(limit, int) and len(value) > limit:
            self._note(where, f"cut at {limit} characters")
            return value[: limit - 1].rstrip() + "…"
        return value

    def _array(self, value: Any, schema: Schema, where: str) -> Any:
        items = schema.get("items", {})
        if value is None or (isinstance(value, str) and value.strip().casefold() in _NONE):
            value = []
        elif isinstance(value, str):
            simple = self._resolve(items).get("type") == "string"
            said = value.strip()
            value = [part for part in _SPLIT.split(said) if part] if simple else [said]
            self._note(where, "was not a list")
        elif isinstance(value, dict):
            parts = cast("dict[str, Any]", value)
            nested = parts and all(isinstance(part, dict) for part in parts.values())
            value = list(parts.values()) if nested else [parts]
            self._note(where, "was not a list")
        if not isinstance(value, list):
            return value
        many = cast("list[Any]", value)
        return [self.value(part, items, f"{where}[{number}]") for number, part in enumerate(many)]

    def _object(self, value: Any, schema: Schema, where: str) -> Any:
        fields = cast("dict[str, Any]", schema.get("properties", {}))
        if isinstance(value, str) and fields:
            value = self._object_from_text(value, fields, where)
        elif isinstance(value, list) and (field := self._sole_list(fields)):
            self._note(where, f"was a bare list of {field}")
            value = {field: cast("Any", value)}
        if not isinstance(value, dict):
            return cast("Any", value)
        given = self._unwrap(cast("dict[str, Any]", value), fields, where)
        out: dict[str, Any] = {}
        names = {_plain(name): name for name in fields}
        for key, part in given.items():
            name = key if key in fields else names.get(_plain(str(key)), key)
            if name in fields:
                out[name] = self.value(part, fields[name], f"{where}.{name}" if where else name)
            elif not fields or schema.get("additionalProperties", True) is not False:
                out[name] = part
        return out

    def _unwrap(self, given: dict[str, Any], fields: Mapping[str, Any], where: str) -> dict[str, Any]:
        """The object inside one that merely wraps it, such as ``{"requirements": {...}}``."""
        if len(given) == 1 and fields:
            key, inner = next(iter(given.items()))
            if key not in fields and _plain(key) not in map(_plain, fields) and isinstance(inner, dict):
                self._note(where, f"was wrapped in {key!r}")
                return cast("dict[str, Any]", inner)
        return given

    def _object_from_text(self, text: str, fields: Mapping[str, Any], where: str) -> Any:
        """A string where an object is wanted is the object's first text; ``a.py: what for`` its first two."""
        texts = [
            name for name, part in fields.items()
            if name not in _UNTOUCHED and self._resolve(part).get("type") == "string"
        ]  # fmt: skip
        if not texts:
            return text
        self._note(where, "was a string")
        head, mark, rest = text.partition(": ")
        if texts[0] == "path" and len(texts) > 1:
            return {"path": head.strip("`* "), texts[1]: rest} if mark else {"path": text.strip("`* "), texts[1]: ""}
        return {texts[0]: text}

    def _sole_list(self, fields: Mapping[str, Any]) -> str | None:
        lists = [name for name, part in fields.items() if self._resolve(part).get("type") == "array"]
        if "items" in lists:
            return "items"
        objects = [
            name for name in lists if self._resolve(self._resolve(fields[name]).get("items", {})).get("properties")
        ]
        found = objects or lists
        return found[0] if len(found) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


_WAYS: dict[str, Callable[[Coercion, Any, Schema, str], Any]] = {
    "boolean": Coercion._boolean,  # pyright: ignore[reportPrivateUsage]
    "integer": Coercion._number,  # pyright: ignore[reportPrivateUsage]
    "number": Coercion._number,  # pyright: ignore[reportPrivateUsage]
    "string": Coercion._string,  # pyright: ignore[reportPrivateUsage]
    "array": Coercion._array,  # pyright: ignore[reportPrivateUsage]
    "object": Coercion._object,  # pyright: ignore[reportPrivateUsage]
}
