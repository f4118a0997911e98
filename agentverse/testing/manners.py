"""How the scripted server behaves where servers differ."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agentverse.journal.events import Usage
from agentverse.models.dialect import DialectName
from agentverse.testing.script import Reply, fault

_OWNERS = {"vllm": "vllm", "llamacpp": "llamacpp", "openai": "system"}
_OWN: Mapping[str, Sequence[str]] = {
    "vllm": ("structured_outputs", "priority", "cache_salt", "thinking_token_budget", "chat_template_kwargs"),
    "llamacpp": ("grammar", "json_schema", "lora", "chat_template_kwargs"),
    "openai": (),
}
"""Fields beyond the common API, by dialect."""
_TEXT_ONLY = "scripted is not a multimodal model"
ALL_OWN = frozenset(name for names in _OWN.values() for name in names)


@dataclass(frozen=True, slots=True)
class Manners:
    """What the server understands, and what it makes of it.

    Attributes:
        dialect: whose fields it understands. vLLM and llama.cpp ignore the others; the hosted API refuses them.
        constraints: what becomes of a constraint: the reply follows it; it is ignored without a word; the reply never
            gets beyond its thought; it follows, but is sent as a thought; it is refused. Only at first contact does
            the server follow one by itself: what it says later is the script's.
        priority: it schedules by priority; vLLM refuses one otherwise.
        thinking_budget: thoughts can be bounded; vLLM refuses a budget otherwise.
        template: arguments of the chat template are taken; vLLM refuses them with some tokenizers.
        tools: it reads calls of tools; vLLM refuses tools when no parser is configured.
        owner: ``owned_by`` in the list of models, when it is not that of the dialect (a gateway's, say).
        adapters: LoRA adapters that are loaded.
        logprobs: it says how probable tokens were; it refuses to be asked otherwise.
        sees: it takes pictures; llama.cpp says so in its properties, the others only refuse them.
    """

    dialect: DialectName = "vllm"
    constraints: Literal["enforced", "ignored", "thought", "mislabelled", "refused"] = "enforced"
    priority: bool = True
    thinking_budget: bool = True
    template: bool = True
    tools: bool = True
    owner: str = ""
    adapters: tuple[str, ...] = ()
    logprobs: bool = True
    sees: bool = True

    def listed(self, models: Sequence[str], context: int) -> list[dict[str, Any]]:
        """The entries of ``/v1/models``."""
        owner = self.owner or _OWNERS[self.dialect]
        data: list[dict[str, Any]] = [{"id": name, "object": "model", "owned_by": owner} for name in models]
        if self.dialect == "vllm":
            data += [{"id": name, "object": "model", "owned_by": owner, "parent": models[0]} for name in self.adapters]
            for model in data if context else []:
                model["max_model_len"] = context
        return data

    def knows(self, model: object, models: Sequence[str]) -> bool:
        """Whether a request for ``model`` is answered. llama.cpp answers to any name."""
        return self.dialect == "llamacpp" or model in (*models, *self.adapters)

    def refusal(self, body: Mapping[str, Any]) -> Reply | None:
        """The error that a request runs into for what it asks beyond the common API."""
        if self.dialect == "openai":
            unknown = sorted(ALL_OWN & body.keys())
            if unknown:
                return fault("400", message=f"Unrecognized request arguments supplied: {', '.join(unknown)}")
        if self.dialect == "vllm" and body.get("priority") and not self.priority:
            return fault("400", message=f"Got priority {body['priority']} but Priority scheduling is not enabled.")
        if self.dialect == "vllm" and "thinking_token_budget" in body and not self.thinking_budget:
            return fault("400", message="thinking_token_budget is set but reasoning_config is not configured.")
        if "chat_template_kwargs" in body and not self.template:
            return fault("400", message="chat_template_kwargs is not supported for this tokenizer.")
        if body.get("logprobs") and not self.logprobs:
            return fault("400", message="logprobs are not supported with this model")
        if not self.sees and any(isinstance(message["content"], list) for message in body["messages"]):
            said = "image input is not supported - hint: you may need to provide the mmproj"
            return fault("500", message=said) if self.dialect == "llamacpp" else fault("400", message=_TEXT_ONLY)
        if self.dialect == "vllm" and body.get("tools") and not self.tools:
            what = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            return fault("400", message=what)
        if self.constraints == "refused" and self._constraint(body):
            return fault("400", message="The grammar of the structured output cannot be compiled.")
        return None

    def counters(self, used: Usage) -> str:
        """The page ``/metrics``; empty for a hosted server."""
        counted: dict[str, int] = {}
        if self.dialect == "vllm":
            counted = {"prefix_cache_queries": used.prompt, "prefix_cache_hits": used.cached}
            counted |= {"generation_tokens": used.completion}
        elif self.dialect == "llamacpp":
            counted = {"prompt_tokens": used.prompt - used.cached, "prompt_tokens_cached": used.cached}
            counted |= {"tokens_predicted": used.completion}
        lines = [f"{self.dialect}:{name}_total {value}" for name, value in counted.items()]
        return "".join(f"{line}\n" for line in lines)

    def greet(self, body: Mapping[str, Any]) -> Reply:
        """The reply at first contact, where a client sees whether constraints hold."""
        words = self._options(body)
        if self.constraints == "ignored" or not words:
            return Reply("Hello! How can I help you today?")
        if self.constraints == "thought":
            return Reply("", thinking="They want me to say hello, so I", finish="length")
        return Reply("", thinking=words) if self.constraints == "mislabelled" else Reply(words)

    def _constraint(self, body: Mapping[str, Any]) -> Any:
        """What this dialect reads as a constraint."""
        own = {"vllm": ("structured_outputs",), "llamacpp": ("grammar", "json_schema"), "openai": ()}[self.dialect]
        return next((body[name] for name in (*own, "response_format") if body.get(name)), None)

    def _options(self, body: Mapping[str, Any]) -> str:
        """A text that the constraint of a body allows, when it is a choice in the form of this dialect; else ""."""
        said = json.dumps(self._constraint(body))
        word = re.search(r'"(?:choice|enum)": \["(\w+)"|::= \\"(\w+)\\"', said)
        if word is None:
            return ""
        return json.dumps({"choice": word[1]}) if '"enum"' in said else word[1] or word[2]
