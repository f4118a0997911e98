"""Where settings come from: the command line, the environment, files. Each value keeps its origin.

Paths are dotted: ``models.edge.base_url``. Names in the environment follow from them:
``AGENTVERSE_MODELS_EDGE_BASE_URL``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from agentverse.blueprint.tiers import TIERS
from agentverse.errors import SettingsError
from agentverse.models.spec import parse_spec

MODELS = (*TIERS, "embeddings")
"""All models that the settings may place; embeddings are no tier: no role works on them."""
PREFIX = "AGENTVERSE_"
NOT_SETTINGS = ("AGENTVERSE_CONFIG_HOME", "AGENTVERSE_STATE_HOME", "AGENTVERSE_REPORT")
"""Variables of the product that are none: where the settings and logs are; where a command in the sandbox reports."""
_KEYS = ("api_key", "api_key_env")
_PLACES = ("provider", "base_url", "path")
_TABLES = (
    *("models", *(f"models.{name}" for name in MODELS)),
    *("sandbox", "runs", "limits", "packages", "serve", "cascade", "tools", "memory"),
)


@dataclass(frozen=True, slots=True)
class Given:
    """A value and who gave it, such as ``agentverse.toml:4``, ``OPENAI_BASE_URL`` or ``--model``."""

    value: Any
    origin: str


@dataclass(slots=True)
class Layer:
    """The values of one source.

    Attributes:
        whole: tiers that this source describes completely; what lower layers say about them is void.
    """

    values: dict[str, Given] = field(default_factory=dict[str, Given])
    whole: set[str] = field(default_factory=set[str])

    def add(self, path: str, value: Any, origin: str) -> None:
        """Add a value; a model in its short form is taken apart, and describes its tier completely."""
        tier = path.removeprefix("models.")
        if tier not in MODELS or not isinstance(value, str):
            self.values[path] = Given(value, origin)
            return
        try:
            spec = parse_spec(value)
        except SettingsError as error:
            raise SettingsError(f"{origin}: {error}", fix=error.fix) from None
        for name in sorted(spec.model_fields_set):
            if getattr(spec, name) != "":
                self.values[f"{path}.{name}"] = Given(getattr(spec, name), origin)
        self.whole.add(tier)


def from_options(options: Mapping[str, tuple[Any, str]]) -> Layer:
    """What the command line says: path: (value, name of the option). None is not said."""
    layer = Layer()
    for path, (value, option) in options.items():
        if value is not None:
            layer.add(path, value, option)
    return layer


def from_environment(env: Mapping[str, str], paths: Iterable[str]) -> list[Layer]:
    """``AGENTVERSE_*`` first, then what OpenAI's own clients read.

    Args:
        paths: all settings there are.

    Raises:
        SettingsError: an ``AGENTVERSE_`` variable that is no setting.
    """
    named = {variable(path): path for path in paths}
    named |= {f"{PREFIX}MODEL": "models.edge"} | {variable(f"models.{name}"): f"models.{name}" for name in MODELS}
    own = Layer()
    for name, value in sorted(env.items()):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS or value == "":
            continue
        if name not in named:
            raise SettingsError(f"{name} is no setting", fix=nearest(name, named) or "Unset it.")
        own.add(named[name], value, name)
    common = Layer()
    for name, path in (("OPENAI_BASE_URL", "models.edge.base_url"), ("OPENAI_MODEL", "models.edge.model")):
        if env.get(name):
            common.add(path, env[name], name)
    if env.get("OPENAI_API_KEY") and "models.edge.base_url" in common.values:
        common.add("models.edge.api_key", env["OPENAI_API_KEY"], "OPENAI_API_KEY")
    return [own, common]


def from_file(path: Path) -> Layer:
    """The settings of a TOML file; none when there is no such file.

    Raises:
        SettingsError: it cannot be read; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Layer()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+), column (\d+)", str(error))
        where = f"{path}:{at[1]}:{at[2]}" if at else str(path)
        raise SettingsError(f"{where}: {str(error).partition(' (at ')[0]}") from None
    lines = _lines(text)
    layer = Layer()

    def walk(table: Mapping[str, Any], prefix: str) -> None:
        for key, value in table.items():
            dotted = f"{prefix}{key}"
            if isinstance(value, dict) and dotted in _TABLES:
                walk(cast("dict[str, Any]", value), f"{dotted}.")
            else:
                layer.add(dotted, value, f"{path}:{_line_of(dotted, lines)}")

    walk(document, "")
    return layer


def merge(layers: Iterable[Layer], env: Mapping[str, str]) -> dict[str, Given]:
    """The values that count, from the highest layer to the lowest.

    A key belongs to the server it is for: once a layer says where a tier's model is, no lower layer adds a key, and no
    other place. Only ``OPENAI_API_KEY`` fills in where a server of the edge tier was given no key at all.
    """
    chosen: dict[str, Given] = {}
    whole: set[str] = set()
    placed: set[str] = set()
    for layer in layers:
        keyed = {tier for tier in MODELS if any(f"models.{tier}.{key}" in chosen for key in _KEYS)}
        said: set[str] = set()
        for path, given in layer.values.items():
            tier, name = _of_tier(path)
            if tier in whole or (tier in placed and name in (*_PLACES, *_KEYS)) or (tier in keyed and name in _KEYS):
                continue
            if name in ("base_url", "path") or (name == "provider" and given.value != "openai"):
                said.add(tier)
            chosen.setdefault(path, given)
        placed |= said
        whole |= layer.whole
    edge = "models.edge."
    keyless = not any(edge + key in chosen for key in _KEYS)
    if env.get("OPENAI_API_KEY") and edge + "base_url" in chosen and keyless:
        chosen[edge + "api_key"] = Given(env["OPENAI_API_KEY"], "OPENAI_API_KEY")
    return chosen


def variable(path: str) -> str:
    """Name in the environment of a setting."""
    return PREFIX + path.replace(".", "_").upper()


def nearest(name: str, known: Iterable[str]) -> str | None:
    """``Did you mean 'x'?``, or None when nothing is near."""
    near = difflib.get_close_matches(name, list(known), 1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else None


def _of_tier(path: str) -> tuple[str, str]:
    """Tier and name of a setting of a model; two empty strings for any other."""
    table, _, rest = path.partition(".")
    tier, _, name = rest.partition(".")
    return (tier, name) if table == "models" and name else ("", "")


_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_ENTRY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=(.*)$")


def _lines(text: str) -> dict[str, int]:
    """Dotted key: line. A scan, not a parser: the text was parsed already, and only lines are wanted."""
    found: dict[str, int] = {}
    table, fence = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if header := _HEADER.match(line):
            table = _plain(header[1])
            found.setdefault(table, number)
        elif entry := _ENTRY.match(line):
            found.setdefault(f"{table}.{_plain(entry[1])}" if table else _plain(entry[1]), number)
            fence = next((f for f in ('"""', "'''") if entry[2].count(f) == 1), "")
    return found


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _line_of(path: str, lines: Mapping[str, int]) -> int:
    within = min((line for known, line in lines.items() if known.startswith(f"{path}.")), default=1)
    while path not in lines and "." in path and within == 1:
        path = path.rpartition(".")[0]
    return lines.get(path, within)
