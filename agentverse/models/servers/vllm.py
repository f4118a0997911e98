"""vLLM, with what agents need of it: a prefix cache that is told of, priorities, JSON that follows its schema."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from agentverse.errors import CannotServe
from agentverse.models.catalogue.entry import Entry
from agentverse.models.catalogue.fit import GPU_SHARE, Fit, Place, fits
from agentverse.models.catalogue.machine import Machine
from agentverse.models.servers.launch import HOST, Launch
from agentverse.models.servers.misfits import no_card, too_little, too_short

CONTEXTS = (65536, 32768, 16384, 8192)
"""Tried, best first. All requests share one cache, so a long one costs nothing until it is used."""
TOKENS_PER_SLOT = 4096
"""What a request takes of the cache, about; vLLM pauses some when it runs out."""
SLOTS = (8, 128)
QUEUED = 256
"""Requests that may wait; further ones are refused at once, and asked again later."""
DRAIN = 30
BLOCK = 32
"""Tokens that are kept or found together in the cache: the fewest that attention on processors takes."""
# xgrammar cannot say a quotation mark in a text of bounded length, and lets weak models write blanks without end.
_OUTPUTS = {"backend": "guidance", "disable_any_whitespace": True, "disable_additional_properties": True}
# Without it a model that thinks is held to no schema until its thought ends.
_REASONING = {"reasoning_start_str": "<think>", "reasoning_end_str": "</think>"}
_ENV = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_HOST_IP": HOST}
"""Everything it needs is on the disk; its engine, too, listens on loopback alone."""


def program() -> str | None:
    """The ``vllm`` of this Python's environment, or the first on the path."""
    beside = Path(sys.executable).with_name("vllm")
    return str(beside) if beside.is_file() else shutil.which("vllm")


def place(program: str) -> Place:
    """What a ``vllm`` computes on. It goes by the version of its package, and so does this: nothing is started."""
    libraries = Path(program).resolve().parent.parent / "lib"
    return "cpu" if any(libraries.glob("python3*/*-packages/vllm-*cpu*.dist-info")) else "gpu"


def launch(
    entry: Entry,
    folder: Path,
    machine: Machine,
    *,
    port: int,
    context: int | None = None,
    least: int = 0,
    key: str = "",
    draft: Path | None = None,
) -> Launch:
    """How to serve a folder of safetensors on this machine's graphics card, or by a vLLM for processors without one.

    Args:
        context: tokens of a prompt with its reply; as much as fits when left out.
        least: tokens below which there is no use in it.
        key: what requests have to show. Such a server is for one run, and has nothing to finish when that has ended.
        draft: folder of the model that guesses ahead for it, on a card.

    Raises:
        CannotServe: vLLM or its card is missing, there is too little memory, or the model's context is too short.
    """
    found = program()
    if found is None:
        raise CannotServe("vLLM is not installed", fix="Install it: pip install 'agentverse[vllm]'")
    drain = 0 if key else DRAIN
    fit = fit_for(entry, machine, context=context, least=least, place=place(found))
    slots = max(SLOTS[0], min(SLOTS[1], fit.tokens // TOKENS_PER_SLOT)) if fit.place == "gpu" else SLOTS[0]
    words = [
        *(found, "serve", str(folder)),
        *("--served-model-name", entry.name, "--host", HOST, "--port", str(port)),
        *("--max-model-len", str(fit.context), "--max-num-seqs", str(slots)),
        *_memory(entry, fit, slots),
        *("--enable-prefix-caching", "--enable-prompt-tokens-details"),
        *("--scheduling-policy", "priority", "--max-num-queued-reqs", str(QUEUED)),
        *("--structured-outputs-config", json.dumps(_OUTPUTS)),
        *("--shutdown-timeout", str(drain)),
    ]
    if entry.reasoning_parser:
        words += ["--reasoning-parser", entry.reasoning_parser, "--reasoning-config", json.dumps(_REASONING)]
    if entry.tool_parser:
        words += ["--enable-auto-tool-choice", "--tool-call-parser", entry.tool_parser]
    if entry.remote_code:
        words += ["--trust-remote-code"]
    if draft is not None and entry.speculation is not None and fit.place == "gpu":
        words += ["--speculative-config", json.dumps(_speculation(entry, draft))]
    return Launch(
        "vllm",
        entry.name,
        tuple(words),
        port,
        fit.context,
        slots,
        env={**_ENV, "VLLM_API_KEY": key} if key else _ENV,
        weights=entry.forms["safetensors"].size,
        key=key,
        drain=drain,
    )


def fit_for(entry: Entry, machine: Machine, *, context: int | None, least: int, place: Place = "gpu") -> Fit:
    """The longest context that fits this machine's card, or its main memory.

    Raises:
        CannotServe: none would do.
    """
    most = entry.profile.context
    if max(least, context or 0) > most:
        raise too_short(entry, most, max(least, context or 0))
    wanted = [context] if context else [min(most, tokens) for tokens in CONTEXTS if min(most, tokens) >= least]
    fit = fits(machine, entry, "safetensors", context=least or CONTEXTS[-1], place=place)
    for tokens in wanted:
        fit = fits(machine, entry, "safetensors", context=tokens, place=place)
        if fit:
            return fit
    if fit.reason == "no_gpu":
        raise no_card(machine)
    if fit.reason == "old_gpu":
        raise CannotServe(
            f"vLLM cannot use a card as old as {machine.gpus[0].name}",
            fix="Serve it on the processor: --engine llamacpp",
        )
    if fit.reason in ("form", "draft"):
        raise CannotServe(f"{entry.name} cannot be served by vLLM", fix="See: agentverse models list")
    raise too_little(entry, fit, have=fit.have)


def _memory(entry: Entry, fit: Fit, slots: int) -> tuple[str, ...]:
    """What it takes for itself. On a processor the cache is as large as it is said to be, from the beginning; kernels
    are not compiled, which takes a minute and a compiler.
    """
    if fit.place == "gpu":
        return ("--gpu-memory-utilization", str(GPU_SHARE))
    assert entry.kv is not None
    tokens = min(fit.tokens, slots * fit.context) // BLOCK * BLOCK
    size = entry.kv.token_bytes("safetensors") * tokens
    return ("--kv-cache-memory-bytes", str(size), "--block-size", str(BLOCK), "--enforce-eager")


def _speculation(entry: Entry, draft: Path) -> dict[str, object]:
    assert entry.speculation is not None
    return {
        "method": entry.speculation.method,
        "model": str(draft),
        "num_speculative_tokens": entry.speculation.tokens,
    }
