"""What kinds of servers understand beyond the API they have in common, as a table. A new kind is a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agentverse.models import gbnf
from agentverse.models.constraint import Constraint, Grammar, JsonSchema, OneOf, Regex

DialectName = Literal["vllm", "llamacpp", "openai"]
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server is spoken to.

    Attributes:
        constrain: the fields that enforce a constraint; none when the server has no word for it.
        priority: takes ``priority``, lower first.
        cache_salt: takes ``cache_salt``, which keeps prefix caches apart.
        thinking_budget: takes ``thinking_token_budget``.
        tools: reads calls of tools out of what its models say, when their parser is on; elsewhere that is too rarely
            so to be relied on unasked.
        template: takes arguments of the chat template, and hands them to templates that have no use for them, too.
        tokenize: the field of ``/tokenize``, beside the API, that takes a text; "" when the server counts no tokens.
        logprobs: says how probable tokens were when ``logprobs`` asks for it.
    """

    name: DialectName
    constrain: Callable[[Constraint], Fields]
    priority: bool = False
    cache_salt: bool = False
    thinking_budget: bool = False
    tools: bool = False
    template: bool = False
    tokenize: str = ""
    logprobs: bool = False


def _response_format(constraint: JsonSchema) -> Fields:
    named = {"name": constraint.name, "schema": constraint.schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _vllm(constraint: Constraint) -> Fields:
    # The names that began with guided_ are accepted by newer servers and ignored without a word.
    match constraint:
        case JsonSchema():
            return _response_format(constraint)
        case OneOf(options):
            return {"structured_outputs": {"choice": list(options)}}
        case Regex(pattern):
            return {"structured_outputs": {"regex": pattern}}
        case Grammar(text):
            return {"structured_outputs": {"grammar": text}}


def _llamacpp(constraint: Constraint) -> Fields:
    match constraint:
        case JsonSchema():
            return _response_format(constraint)
        case OneOf(options):
            return {"grammar": gbnf.one_of(options)}
        case Grammar(text):
            return {"grammar": text}
        case Regex(pattern):
            try:
                return {"grammar": gbnf.from_regex(pattern)}
            except gbnf.Untranslatable:
                return {}


def _openai(constraint: Constraint) -> Fields:
    match constraint:
        case JsonSchema():
            return _response_format(constraint)
        case OneOf(options):
            fields = {"choice": {"type": "string", "enum": list(options)}}
            schema = {"type": "object", "properties": fields, "required": ["choice"], "additionalProperties": False}
            return _response_format(JsonSchema("choice", schema))
        case Regex() | Grammar():
            return {}


VLLM = Dialect(
    "vllm",
    _vllm,
    priority=True,
    cache_salt=True,
    thinking_budget=True,
    tools=True,
    template=True,
    logprobs=True,
    tokenize="prompt",
)
LLAMACPP = Dialect("llamacpp", _llamacpp, template=True, logprobs=True, tokenize="content")
OPENAI = Dialect("openai", _openai, logprobs=True)
"""What nearly all servers understand: JSON Schema and log probabilities, and nothing else."""

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (VLLM, LLAMACPP, OPENAI)}

Enforcement = Literal["enforced", "ignored", "unknown"]


@dataclass(frozen=True, slots=True)
class Manner:
    """What one server was found to do, which its kind alone does not tell.

    Attributes:
        constraints: whether it held a reply to a choice. One that ignores them is still sent them; what it says is
            read and repaired as any other reply.
        priority: it schedules by priority; vLLM refuses one when it does not.
        thinking_budget: it ends a thought at a number of tokens; vLLM refuses one when no reasoner is configured.
        template: it takes arguments of the chat template; vLLM refuses them with some tokenizers.
        mislabels: what is said with thinking switched off comes as a thought.
        adapter: the fields that choose the LoRA adapter.
        logprobs: it is asked how probable tokens were; not any more once it refused.
    """

    dialect: Dialect = OPENAI
    constraints: Enforcement = "unknown"
    priority: bool = False
    thinking_budget: bool = False
    template: bool = False
    mislabels: bool = False
    adapter: Fields = field(default_factory=dict[str, Any])
    logprobs: bool = True


def usual(dialect: Dialect) -> Manner:
    """What is safe to assume of a server of this kind before it was asked."""
    return Manner(dialect, template=dialect.template)
