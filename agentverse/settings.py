"""What the user has set, and where.

Command line > environment (``AGENTVERSE_*``, then ``OPENAI_BASE_URL``, ``OPENAI_API_KEY``, ``OPENAI_MODEL``) >
``./agentverse.toml`` > ``agentverse.toml`` in the user's config folder > defaults.

    company = "software"
    language = "en"
    offline = true                      # nothing leaves this machine

    [models.edge]                       # or: edge = "http://127.0.0.1:8000/v1#openbmb/MiniCPM5-2B" under [models]
    base_url = "http://127.0.0.1:8000/v1"
    api_key_env = "MY_KEY"              # the key itself stays out of the file

    [limits]
    tokens = 200000

    [cascade]
    after_invalid = 2                   # replies that could not be used, before the tier `cloud` is asked

    [serve]
    ports = [8000, 11434]               # where a server is looked for when no model is configured
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from agentverse.blueprint.company import Limits
from agentverse.blueprint.text import Language
from agentverse.errors import SettingsError
from agentverse.models.cascade import Cascade
from agentverse.models.servers.discover import PORTS
from agentverse.models.spec import ModelSpec
from agentverse.sandbox.packages.policy import PackagePolicy
from agentverse.sandbox.protocol import Strength
from agentverse.sandbox.registry import names
from agentverse.settings_layers import (
    MODELS,
    TIERS,
    Given,
    from_environment,
    from_file,
    from_options,
    merge,
    nearest,
)
from agentverse.tools.policy import McpServer, ToolPolicy

FILE = "agentverse.toml"
DEFAULT = "default"


_WORD = r"[A-Za-z0-9][A-Za-z0-9._-]*"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ModelSettings(ModelSpec):
    """One tier: where its model is, and what it costs."""

    api_key_env: str = ""
    """Name of the variable that holds the key."""
    price_prompt: float = Field(default=0.0, ge=0)
    """Of a million prompt tokens, in the currency the report is to speak of."""
    price_completion: float = Field(default=0.0, ge=0)
    """Of a million completion tokens."""

    @model_validator(mode="after")
    def _one_key(self) -> ModelSettings:
        if self.api_key_env and self.api_key.get_secret_value():
            raise ValueError("give either api_key or api_key_env")
        return self

    @property
    def placed(self) -> bool:
        """Whether it says where replies come from. A key alone does not."""
        return bool(self.base_url or self.path or (self.provider == "langchain" and self.model))

    def spec(self, env: Mapping[str, str] | None = None) -> ModelSpec:
        """The part a provider reads, with the key looked up.

        Raises:
            SettingsError: ``api_key_env`` names a variable that is not set.
        """
        fields = {name: getattr(self, name) for name in ModelSpec.model_fields if name in self.model_fields_set}
        if self.api_key_env:
            key = (os.environ if env is None else env).get(self.api_key_env)
            if not key:
                raise SettingsError(f"the key of the model is to come from {self.api_key_env}, which is not set")
            fields["api_key"] = SecretStr(key)
        return ModelSpec(**fields)


class EmbeddingSettings(ModelSettings):
    """Where vectors of texts come from."""

    @property
    def placed(self) -> bool:
        """Whether it says so. Without, texts are hashed."""
        return super().placed or self.provider != "openai"


class Models(_Table):
    """Tiers, in order of escalation, and what is asked for vectors."""

    edge: ModelSettings | None = None
    """The small model on the user's own machine; every role works on it unless it says otherwise."""
    cloud: ModelSettings | None = None
    """A stronger one, asked only when the small one is stuck."""
    vision: ModelSettings | None = None
    """One that sees pictures."""
    embeddings: EmbeddingSettings | None = None
    """What turns texts into vectors, for memories that look things up by meaning; hashing when left out."""

    def placed(self) -> dict[str, ModelSettings]:
        """Tier: its settings, for those that say where their model is."""
        found = {tier: cast("ModelSettings | None", getattr(self, tier)) for tier in TIERS}
        return {tier: model for tier, model in found.items() if model is not None and model.placed}


class SandboxSettings(_Table):
    backend: str = "auto"
    """Name of a backend; ``auto`` takes the first that works here and is strong enough."""
    minimum: Strength = "namespaces"
    """Weakest isolation that will do. ``lsm`` lets in Landlock, which nothing chooses otherwise."""
    image: str = Field(default="", pattern=rf"^({_WORD}([/:@]{_WORD})*)?$")
    """Of containers; python's own when empty."""
    runtime: str = Field(default="", pattern=rf"^({_WORD})?$")
    """Of containers, such as ``runsc``; the engine's own when empty. A name, never a path: it is run."""

    @field_validator("backend")
    @classmethod
    def _known(cls, value: str) -> str:
        known = ["auto", *names()]
        if value not in known:
            raise ValueError(f"there is no sandbox {value!r}; there are: {', '.join(known)}")
        return value

    @property
    def named(self) -> str | None:
        """The backend that was named; None for ``auto``."""
        return None if self.backend == "auto" else self.backend

    @property
    def least(self) -> Strength | None:
        """The minimum that was set; None when it was left to the default."""
        return self.minimum if "minimum" in self.model_fields_set else None


class RunsSettings(_Table):
    folder: Path = Path("agentverse-runs")
    """Where runs are kept."""
    journal: str = ""
    """URL or path of the journal; "" is a file beside the runs."""


class ServeSettings(_Table):
    """What is done when no model is configured."""

    ports: tuple[int, ...] = tuple(PORTS)
    """Of this machine, where a server may answer already."""

    @field_validator("ports", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A variable of the environment lists them with commas."""
        return value.split(",") if isinstance(value, str) else value


class MemorySettings(_Table):
    """Where agents that recall things keep them."""

    store: str = Field(default="", pattern=r"^([A-Za-z_][\w.]*:[A-Za-z_]\w*)?$")
    """``package.module:Class`` of a vector store of LangChain; in the process itself when empty."""
    options: dict[str, Any] = {}
    """Arguments of its ``from_texts``; ``{run}`` and ``{agent}`` in a text stand for the run and the agent."""


class LimitSettings(_Table):
    """Bounds of a run; None leaves the company's own."""

    tokens: int | None = Field(default=None, gt=0)
    turns: int | None = Field(default=None, gt=0)
    minutes: float | None = Field(default=None, gt=0)


TABLES: Mapping[str, type[BaseModel]] = {
    "sandbox": SandboxSettings,
    "runs": RunsSettings,
    "limits": LimitSettings,
    "packages": PackagePolicy,
    "serve": ServeSettings,
    "memory": MemorySettings,
    "cascade": Cascade,
    "tools": ToolPolicy,
}


class Settings(_Table):
    """All settings. ``origin(path)`` says where each came from."""

    company: str = "software"
    """The company that runs when none is named."""
    language: Language = "en"
    """Of prompts, reports and the command line."""
    offline: bool = False
    """Nothing leaves this machine: models elsewhere are not asked, packages not fetched, traces not sent."""
    models: Models = Models()
    sandbox: SandboxSettings = SandboxSettings()
    runs: RunsSettings = RunsSettings()
    limits: LimitSettings = LimitSettings()
    packages: PackagePolicy = PackagePolicy()
    serve: ServeSettings = ServeSettings()
    memory: MemorySettings = MemorySettings()
    cascade: Cascade = Cascade()
    tools: ToolPolicy = ToolPolicy()

    _given: dict[str, Given] = PrivateAttr(default_factory=dict[str, Given])

    def origin(self, path: str) -> str:
        """Who gave the setting: an option, a variable, ``file:line``, or ``default``."""
        given = self._given.get(path)
        return given.origin if given else DEFAULT

    @property
    def journal(self) -> str:
        """URL or path of the journal."""
        said = self.runs.journal
        if "://" in said:
            return said
        return str(Path(said).expanduser() if said else self.runs.folder.expanduser() / "journal.sqlite")

    def bounds(self, company: Limits) -> Limits:
        """The limits of a run: those that are set here, and the company's own for the rest."""
        return company.model_copy(update=self.limits.model_dump(exclude_none=True))

    def with_models(self, models: Models) -> Settings:
        """A copy with other models."""
        copy = self.model_copy(update={"models": models})
        copy._given = dict(self._given)
        return copy

    def with_folder(self, folder: Path) -> Settings:
        """A copy that keeps its runs in ``folder``."""
        copy = self.model_copy(update={"runs": self.runs.model_copy(update={"folder": folder})})
        copy._given = {**self._given, "runs.folder": Given(folder, "the caller")}
        return copy

    def with_edge(self, origin: str, place: Mapping[str, Any], usual: Mapping[str, Any]) -> Settings:
        """A copy whose tier ``edge`` has a model, as ``origin`` says.

        Args:
            place: its address, name and key.
            usual: what goes for it where nothing else was set.
        """
        before = self.models.edge or ModelSettings()
        said = before.model_dump(exclude_unset=True, exclude={"base_url", "path", "provider", "api_key", "api_key_env"})
        edge = ModelSettings.model_validate({**usual, **said, **place})
        copy = self.model_copy(update={"models": self.models.model_copy(update={"edge": edge})})
        given = {**{name: value for name, value in usual.items() if name not in said}, **place}
        copy._given = {**self._given, **{f"models.edge.{name}": Given(given[name], origin) for name in given}}
        return copy

    def shown(self) -> list[Shown]:
        """Every setting for people to read: secrets are masked, passwords left out of URLs."""
        found: list[Shown] = []
        for path in _paths():
            value: Any = self
            for part in path.split("."):
                value = getattr(value, part, None)
            if path.startswith("models.") and path not in self._given:
                continue
            found.append(Shown(path, _masked(value), self.origin(path)))
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as ``doctor`` prints it."""

    path: str
    value: str
    origin: str


def load_settings(
    project: Path | None = None,
    *,
    options: Mapping[str, tuple[Any, str]] | None = None,
    env: Mapping[str, str] | None = None,
) -> Settings:
    """Read all sources.

    Args:
        project: folder with the ``agentverse.toml``; the working directory when left out.
        options: dotted path: (value, name of the option), from the command line; None values are not said. A tier may
            be given whole: ``models.edge: ("http://host/v1#model", "--model")``.
        env: the environment; the process's own when left out.

    Raises:
        SettingsError: an unknown key, a wrong value, an unreadable file; says where and, if it can, what was meant.
    """
    env = os.environ if env is None else env
    layers = [from_options(options or {}), *from_environment(env, _paths())]
    for folder in (project or Path.cwd(), config_home(env)):
        layers.append(from_file(folder / FILE))
    given = merge(layers, env)
    if "language" not in given and (locale := _locale(env)):
        given["language"] = locale
    try:
        settings = Settings.model_validate(_nested(given))
    except ValidationError as error:
        raise _located(error, given) from None
    settings._given = given  # pyright: ignore[reportPrivateUsage]
    return settings


def config_home(env: Mapping[str, str] | None = None) -> Path:
    """The user's config folder; it may hold settings and own roles, environments and companies."""
    env = os.environ if env is None else env
    if own := env.get("AGENTVERSE_CONFIG_HOME"):
        return Path(own)
    return Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "agentverse"


def state_home(env: Mapping[str, str] | None = None) -> Path:
    """The user's folder for what programs leave behind, such as logs."""
    env = os.environ if env is None else env
    if own := env.get("AGENTVERSE_STATE_HOME"):
        return Path(own)
    return Path(env.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "agentverse"


def settings_files(project: Path | None = None, env: Mapping[str, str] | None = None) -> list[Path]:
    """The files that are looked for, highest first."""
    return [(project or Path.cwd()) / FILE, config_home(env) / FILE]


def _locale(env: Mapping[str, str]) -> Given | None:
    name = next((name for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), None)
    return Given("zh", name) if name and env[name].lower().startswith("zh") else None


def _paths() -> list[str]:
    """All settings there are, in the order in which they are shown."""
    paths = ["company", "language", "offline"]
    paths += [f"models.{model}.{name}" for model in MODELS for name in ModelSettings.model_fields]
    return paths + [f"{table}.{name}" for table, model in TABLES.items() for name in model.model_fields]


def _nested(given: Mapping[str, Given]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path in sorted(given):
        *tables, key = path.split(".")
        inner = document
        for table in tables:
            inner = inner.setdefault(table, {})
        inner[key] = given[path].value
    return document


def _located(error: ValidationError, given: Mapping[str, Given]) -> SettingsError:
    """The first thing that is wrong, with where it was said and what was probably meant."""
    problem = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in problem["loc"])
    under = [given[known].origin for known in sorted(given) if known.startswith(path)]
    above = [given[known].origin for known in given if path.startswith(f"{known}.")]
    where = (under or above or ["settings"])[0]
    if problem["type"] == "extra_forbidden":
        prefix, _, _ = path.rpartition(".")
        known = {p for p in _paths() if p.rpartition(".")[0] == prefix} | {"models", *TABLES}
        if prefix.startswith("tools.mcp."):
            known = {f"{prefix}.{name}" for name in McpServer.model_fields}
        if prefix == "models":
            known = {f"models.{model}" for model in MODELS}
        names = {name.rpartition(".")[2]: name for name in sorted(known)}
        near = nearest(path.rpartition(".")[2], names)
        return SettingsError(f"{where}: {path} is no setting", fix=near or f"There are: {', '.join(names)}.")
    what = problem["msg"].removeprefix("Value error, ")
    return SettingsError(f"{where}: {path}: {what[:1].lower()}{what[1:]}")


def _masked(value: Any) -> str:
    if isinstance(value, SecretStr):
        length = len(value.get_secret_value())
        return f"•••• ({length} characters)" if length else ""
    if isinstance(value, dict):
        return ", ".join(cast("dict[str, object]", value))  # what is in them may be a key
    if isinstance(value, tuple):
        return ", ".join(map(str, cast("tuple[object, ...]", value)))
    return re.sub(r"(://[^/@:\s]*):[^/@\s]*@", r"\1:••••@", str("" if value is None else value))
