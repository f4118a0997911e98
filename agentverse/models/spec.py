"""Which model to open, as the settings say it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from agentverse.errors import SettingsError
from agentverse.models.dialect import DialectName

FORMS = "http://HOST:PORT/v1#MODEL, openai:URL#MODEL, recording:FILE, manual:FOLDER or PROVIDER:ARGUMENT"


class ModelSpec(BaseModel):
    """One model of the settings. The key is never shown: not in ``repr``, logs, events or errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: str = "openai"
    base_url: str = ""
    """Of the server; ``/v1`` is added to a bare host. Several, as a list or with commas between them, are replicas of
    one model: a run keeps to one of them, and goes on at another when it is gone.
    """
    model: str = ""
    """As the server names it; "" takes the server's only or first one."""
    api_key: SecretStr = SecretStr("")
    path: str = ""
    """File of a recording, folder of `manual`, argument of a provider from another package."""
    context: int | None = Field(default=None, ge=256)
    """Tokens; None asks the server, then the profile."""
    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = None
    thinking: bool | None = None
    """For models where it can be switched; None means off."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds one attempt may take; None leaves only the deadline of the call."""
    retries: int = Field(default=6, ge=0)
    backoff: float = Field(default=0.5, ge=0)
    """Seconds before the first retry; doubles each time."""
    in_flight: int = Field(default=64, ge=1, le=512)
    """Requests in flight to begin with; adapts to what the server bears."""
    dialect: DialectName | None = None
    """What the server understands beyond the common API; None finds out at first contact."""
    thinking_budget: int | None = Field(default=None, ge=0)
    """Tokens a thought may take, where the server can bound it; None leaves it half of the reply's room."""
    tools: bool | None = None
    """Whether tools are called in the model's own way; None goes by model and server."""
    stream: bool = False
    """Stream also when nobody watches: the time to the first token is then known, and gateways do not take a long reply
    for a dead connection. Costs some CPU for each token.
    """
    priority: bool = True
    """Send priorities to servers that schedule by them."""
    cache_salt: SecretStr = SecretStr("")
    """Keeps prefixes in vLLM's cache apart from those of others who share the server."""
    sees: bool | None = None
    """Whether pictures may be shown to it; None asks the server, then the profile."""
    lora: str = ""
    """LoRA adapter that the server has loaded."""
    extra: dict[str, Any] = {}
    """Fields sent along with each request; arguments of a class from LangChain."""

    @field_validator("base_url", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list | tuple) else value

    @property
    def urls(self) -> list[str]:
        """The addresses of all replicas."""
        return [url.strip() for url in self.base_url.split(",") if url.strip()]


def parse_spec(value: str | Mapping[str, Any] | ModelSpec) -> ModelSpec:
    """Read a model's settings in their long or short form.

    Raises:
        SettingsError: unknown keys, wrong types, or a short form that is none.
    """
    if isinstance(value, ModelSpec):
        return value
    fields = _short(value) if isinstance(value, str) else dict(value)
    try:
        return ModelSpec.model_validate(fields)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _short(text: str) -> dict[str, Any]:
    text = text.strip()
    if text.startswith(("http://", "https://")):
        text = "openai:" + text
    provider, colon, argument = text.partition(":")
    if not colon or not provider or not argument:
        raise SettingsError(f"{text!r} names no model", fix=f"Write {FORMS}.")
    if provider == "openai":
        url, _, model = argument.partition("#")
        return {"provider": provider, "base_url": url, "model": model}
    if provider == "langchain":
        return {"provider": provider, "model": argument}
    return {"provider": provider, "path": argument}


def _explain(error: ValidationError) -> str:
    said: list[str] = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, list(ModelSpec.model_fields), 1)
            hint = f"did you mean {near[0]!r}?" if near else "put what the server alone understands under 'extra'"
            said.append(f"{name!r} is no setting of a model; {hint}")
        else:
            said.append(f"{name}: {problem['msg'][:1].lower()}{problem['msg'][1:]}")
    return "; ".join(said)
