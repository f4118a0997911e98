"""What gets through a backend by its nature, and where the backend says so. Nothing else may; all of this must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Declared:
    """One attack that gets through wherever a backend admits it."""

    attack: str
    aspect: str
    """Key of `agentverse.sandbox.protocol.SandboxInfo.enforced`, which ``agentverse doctor`` prints."""
    why: str
    backends: tuple[str, ...] = ()
    """All when empty."""


GROUP = "it takes a control group to count a whole tree"
ON_DISK = "its folders lie on the host's disk, whose quotas are not ours to set"
DECLARED = (
    Declared("memory_many", "memory", GROUP),
    Declared("memory_files", "memory", GROUP),
    Declared("inodes", "memory", "the kernel's memory for files is counted by a control group", ("bubblewrap",)),
    Declared("inodes", "disk", ON_DISK, ("landlock", "container")),
    Declared("cpu_many", "cpu", GROUP),
    Declared("fork_bomb", "processes", GROUP),
    Declared("threads", "processes", GROUP),
    Declared("fill_workspace", "disk", ON_DISK),
    Declared("fill_temporary", "disk", ON_DISK, ("landlock",)),
    Declared("change_outside", "files", "Landlock does not know modes and times"),
    Declared("held_file", "held files", "a folder of the host is shown as a whole or not at all"),
)
CANNOT = {
    ("container", "window_grab"): "an image with Python alone has no X server",
    ("container", "window_lie"): "an image with Python alone has no X server",
}
"""What cannot even be tried."""


def admits(said: str) -> bool:
    """Whether what a backend says of an aspect is that it does not hold, or not in sum, or not all of it."""
    return not said or "each process" in said or "leaves" in said


def expected(backend: str, enforced: Mapping[str, str]) -> dict[str, Declared]:
    """The attacks that must get through a backend which says this of itself."""
    return {
        one.attack: one
        for one in DECLARED
        if (not one.backends or backend in one.backends) and admits(enforced.get(one.aspect, "held"))
    }


def untried(backend: str, enforced: Mapping[str, str], attack: str, needs: str) -> str:
    """Why an attack cannot be tried on a backend; empty when it can."""
    if needs and enforced.get(needs, "held") == "":
        return f"there are no {needs}"
    return CANNOT.get((backend, attack), "")
