"""What this machine has for a model to run on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gpu:
    name: str
    memory: int
    """Bytes."""
    free: int
    """Bytes that nothing uses."""
    driver: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes throughout."""

    ram: int
    """What programs here may use in all: the computer's, or less where a container says so."""
    available: int
    """What is free of it."""
    gpus: tuple[Gpu, ...] = ()
    trouble: str = ""
    """Why there is no graphics card to use; empty when there is one."""
    fix: str = ""


def probe(*, timeout: float = 5.0) -> Machine:
    """Look at this machine. Never raises; a driver that does not answer within ``timeout`` seconds is a trouble."""
    raise NotImplementedError
