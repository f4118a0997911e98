"""What is known of model families, as a table. A quirk of a model is a row here, never an ``if`` elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace

from agentverse.models.protocol import Profile, Sampling

# vLLM's chat API adds no BOS token for these, and they were trained with one.
_BOS = {"add_special_tokens": True}

_MINICPM5 = Profile(
    family="MiniCPM5",
    context=131072,
    thinking="switch",
    sampling=Sampling(temperature=0.7, top_p=0.95, max_tokens=4096),
    thinking_sampling=Sampling(temperature=0.9, top_p=0.95, max_tokens=16384),
)
_MINICPM5_2B = Profile(
    family="MiniCPM5-2B",
    context=131072,
    thinking="always",
    sampling=Sampling(temperature=1.0, top_p=0.95, max_tokens=16384),
)
_MINICPM41 = Profile(
    family="MiniCPM4.1",
    context=65536,
    thinking="switch",
    sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=4096),
    thinking_sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=16384),
    extra=_BOS,
)
_MINICPM4 = Profile(
    family="MiniCPM4", context=32768, sampling=Sampling(temperature=0.7, top_p=0.7, max_tokens=4096), extra=_BOS
)
_MINICPM3 = Profile(family="MiniCPM3", context=32768, sampling=Sampling(temperature=0.7, top_p=0.7, max_tokens=4096))
_MINICPM = Profile(
    family="MiniCPM",
    context=4096,
    system_role=False,
    sampling=Sampling(temperature=0.5, top_p=0.8, max_tokens=2048),
)
_QWEN3 = Profile(
    family="Qwen3",
    context=32768,
    thinking="switch",
    strict_alternation=False,
    sampling=Sampling(temperature=0.7, top_p=0.8, max_tokens=4096),
    thinking_sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=16384),
)
_QWEN3_THINKING = Profile(
    family="Qwen3-Thinking",
    context=262144,
    thinking="always",
    strict_alternation=False,
    sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=16384),
)
_QWEN3_INSTRUCT = Profile(
    family="Qwen3-Instruct",
    context=262144,
    strict_alternation=False,
    sampling=Sampling(temperature=0.7, top_p=0.8, max_tokens=4096),
)
_LLAMA31 = Profile(family="Llama 3.1", context=131072, sampling=Sampling(temperature=0.6, top_p=0.9, max_tokens=4096))
_LLAMA3 = Profile(family="Llama 3", context=8192, sampling=Sampling(temperature=0.6, top_p=0.9, max_tokens=4096))
_GPT_OSS = Profile(
    family="gpt-oss",
    context=131072,
    thinking="always",
    strict_alternation=False,
    sampling=Sampling(temperature=1.0, top_p=1.0, max_tokens=16384),
)
# These refuse a temperature and count their thoughts in the reply's limit.
_GPT_REASONING = Profile(
    family="gpt-reasoning",
    context=200000,
    thinking="always",
    strict_alternation=False,
    sampling=Sampling(max_tokens=32768),
    max_tokens_field="max_completion_tokens",
)
_GPT = Profile(
    family="gpt",
    context=128000,
    strict_alternation=False,
    sampling=Sampling(temperature=0.7, top_p=0.95, max_tokens=8192),
    max_tokens_field="max_completion_tokens",
)
_R1 = Profile(
    family="DeepSeek-R1",
    context=65536,
    thinking="always",
    system_role=False,
    sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=16384),
)
DEFAULT = Profile(family="", sampling=Sampling(temperature=0.7, top_p=0.95, max_tokens=4096))

UNBOUNDED = replace(DEFAULT, context=1_000_000)
"""For what has no context to overflow: a person, a recording."""

PROFILES: tuple[tuple[re.Pattern[str], Profile], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), profile)
    for pattern, profile in (
        (r"minicpm-?5.*2b", _MINICPM5_2B),
        (r"minicpm-?5", _MINICPM5),
        (r"minicpm-?4\.1", _MINICPM41),
        (r"minicpm-?4", _MINICPM4),
        (r"minicpm-?3", _MINICPM3),
        (r"minicpm", _MINICPM),
        (r"deepseek.*r1|qwq|(^|[/-])r1-distill", _R1),
        (r"qwen-?3.*thinking", _QWEN3_THINKING),
        (r"qwen-?3.*(instruct|coder|2507)", _QWEN3_INSTRUCT),
        (r"qwen-?3", _QWEN3),
        (r"llama-?3\.[1-9]", _LLAMA31),
        (r"llama-?3", _LLAMA3),
        (r"gpt-oss", _GPT_OSS),
        (r"(^|/)(gpt-[5-9]|o\d)(?!.*chat)", _GPT_REASONING),
        (r"(^|/)(gpt-|chatgpt)", _GPT),
    )
)
"""The first pattern found in a model's name wins."""


def profile_for(name: str) -> Profile:
    """The profile of the family that ``name`` (as the server says it) belongs to; a cautious one for any other."""
    for pattern, profile in PROFILES:
        if pattern.search(name):
            return profile
    return DEFAULT
