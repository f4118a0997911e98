"""The arithmetic, against the hardware that the makers and the research name for each model."""

from __future__ import annotations

import pytest

from agentverse.models.catalogue import Gpu, Machine, find, fits
from agentverse.models.catalogue.fit import choose

GB = 1_000_000_000


def card(memory: float, **more: float) -> Machine:
    size = round(memory * GB)
    return Machine(64 * GB, 60 * GB, (Gpu("card", size, round(more.pop("free", memory) * GB), **more),))


def computer(memory: float) -> Machine:
    return Machine(round(memory * GB), round(memory * GB), trouble="none")


@pytest.mark.parametrize(
    ("memory", "name", "tokens"),
    [
        (24, "MiniCPM4.1-8B", 110_000),
        (141, "MiniCPM4.1-8B", 3_500_000),
    ],
)
def test_room_for_tokens_is_what_is_published(memory: int, name: str, tokens: int) -> None:
    assert fits(card(memory), find(name), "safetensors").tokens == pytest.approx(tokens, rel=0.05)


@pytest.mark.parametrize(
    ("memory", "name", "context", "agents"),
    [
        (8, "MiniCPM5-2B", 16384, 1),
        (12, "MiniCPM5-2B", 65536, 1),
        (12, "MiniCPM4.1-8B-GPTQ", 32768, 1),
        (12, "MiniCPM4.1-8B-AWQ", 32768, 1),
        (24, "MiniCPM5-2B", 131072, 1),
        (24, "MiniCPM4.1-8B", 65536, 1),
        (24, "MiniCPM4.1-8B-Marlin", 16384, 16),
        (141, "MiniCPM4.1-8B", 16384, 128),
    ],
)
def test_what_is_served_on_a_card_of_this_size_fits_it(memory: int, name: str, context: int, agents: int) -> None:
    assert fits(card(memory), find(name), "safetensors", context=context, concurrency=agents)


@pytest.mark.parametrize(
    ("memory", "name", "context"), [(4, "MiniCPM5-1B", 32768), (16, "MiniCPM5-2B", 65536), (8, "MiniCPM5-2B", 16384)]
)
def test_what_is_served_without_a_card_fits_half_the_memory(memory: int, name: str, context: int) -> None:
    assert fits(computer(memory), find(name), "gguf", context=context)


def test_one_long_context_of_minicpm3_takes_29_gib_of_cache() -> None:
    entry = find("MiniCPM3-4B")
    short, long = (fits(card(80), entry, "safetensors", context=tokens) for tokens in (1, 32769))
    assert (long.need - short.need) / 2**30 == pytest.approx(29, rel=0.01)
    assert not fits(card(24), entry, "safetensors", context=32768)


@pytest.mark.parametrize(
    ("machine", "name", "form", "context", "reason"),
    [
        (computer(64), "MiniCPM5-2B", "safetensors", 16384, "no_gpu"),
        (card(24, capability=7.0), "MiniCPM5-2B", "safetensors", 16384, "old_gpu"),
        (card(24, capability=8.9), "MiniCPM5-2B", "safetensors", 16384, "fits"),
        (card(24, free=3), "MiniCPM5-2B", "safetensors", 16384, "memory"),
        (card(24), "MiniCPM-2B", "safetensors", 16384, "context"),
        (card(24), "MiniCPM4.1-8B-GPTQ", "gguf", 16384, "form"),
        (card(24), "MiniCPM5-2B-DSpark", "safetensors", 16384, "draft"),
        (computer(3), "MiniCPM4.1-8B", "gguf", 16384, "memory"),
    ],
)
def test_what_is_missing_is_named(machine: Machine, name: str, form: str, context: int, reason: str) -> None:
    fit = fits(machine, find(name), form, context=context)
    assert (fit.reason, bool(fit)) == (reason, reason == "fits")


def test_more_agents_need_more_and_the_largest_number_that_fits_is_told() -> None:
    entry, machine = find("MiniCPM5-2B"), card(12)
    agents = fits(machine, entry, "safetensors").agents
    assert fits(machine, entry, "safetensors", concurrency=agents)
    assert not fits(machine, entry, "safetensors", concurrency=agents + 1)


def test_the_largest_of_several_cards_counts() -> None:
    small, large = card(4).gpus[0], card(24).gpus[0]
    assert fits(Machine(64 * GB, 60 * GB, (small, large)), find("MiniCPM4.1-8B"), "safetensors")


@pytest.mark.parametrize(
    ("machine", "form", "name"),
    [
        (computer(2), "gguf", None),
        (computer(4), "gguf", "MiniCPM5-1B"),
        (computer(8), "gguf", "MiniCPM5-1B"),
        (computer(16), "gguf", "MiniCPM5-2B"),
        (computer(16), "safetensors", None),
        (card(6), "safetensors", "MiniCPM5-1B"),
        (card(8), "safetensors", "MiniCPM5-2B"),
        (card(24), "safetensors", "MiniCPM5-2B"),
    ],
)
def test_the_model_that_is_chosen_is_the_one_recommended_for_the_size(
    machine: Machine, form: str, name: str | None
) -> None:
    choice = choose(machine, form)
    assert (choice.entry.name if choice else None) == name
