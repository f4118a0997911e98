"""One backend, and a fresh box for each test. The sandbox is the real one: these tests need bubblewrap.

The other backends are there where the machine has them; containers need podman, and an image made here from the host's
own programs: nothing is pulled.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import tooling
from agentverse.sandbox.box import Box
from agentverse.sandbox.bubblewrap import Bubblewrap
from agentverse.sandbox.container import Container
from agentverse.sandbox.landlock import Landlock
from agentverse.sandbox.packages.installing import find_uv
from agentverse.sandbox.protocol import Limits, SandboxBackend


@pytest.fixture(scope="session")
def backend() -> Bubblewrap:
    return Bubblewrap()


@pytest.fixture
async def box(backend: Bubblewrap) -> AsyncIterator[Box]:
    async with backend.open(limits=Limits(wall=30.0)) as opened:
        yield opened


@pytest.fixture
async def web(box: Box, chromium_here: None) -> Box:
    """A box on a machine with a browser."""
    return box


TEST_IMAGE = "localhost/agentverse-test:latest"
PROGRAMS = ("sh", "cat", "ls", "sleep", "touch", "true", "echo", "rm", "id", "yes", "cp", "stat", "chmod", "mkdir")
LEFT_OUT = ("/test", "__pycache__", "site-packages/", "/idlelib", "/tkinter", "/config-3", ".a")


@pytest.fixture(scope="session")
def landlock() -> Landlock:
    backend = Landlock()
    try:
        asyncio.run(backend.probe())
    except SandboxUnavailable as error:
        pytest.skip(f"{error}: {error.fix}")
    return Landlock()


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image of the host's interpreter and a few of its programs, about 95 MB."""
    podman = shutil.which("podman")
    if podman is None:
        pytest.skip("podman is not installed: apt-get install -y podman")
    archive = tmp_path_factory.mktemp("image") / "root.tar"
    _pack(archive)
    done = subprocess.run([podman, "import", archive, TEST_IMAGE], capture_output=True, text=True, timeout=60)
    if done.returncode:
        pytest.skip(f"podman cannot import an image here: {done.stderr[-200:]}")
    return TEST_IMAGE


@pytest.fixture(scope="session")
def container(image: str) -> Container:
    problem = None
    for runtime in ("", "runc"):  # what podman takes by itself does not work with every layout of control groups
        backend = Container()
        backend.adjust(image=image, runtime=runtime)
        try:
            asyncio.run(backend.probe())
        except SandboxUnavailable as error:
            problem = error
        else:
            return backend
    pytest.skip(f"{problem}: {problem.fix}")


@pytest.fixture(params=["landlock", pytest.param("container", marks=pytest.mark.container)])
def other(request: pytest.FixtureRequest) -> SandboxBackend:
    """Each backend besides bubblewrap."""
    return request.getfixturevalue(request.param)


@pytest.fixture
async def other_box(other: SandboxBackend) -> AsyncIterator:
    async with other.open(limits=Limits(wall=30.0)) as opened:
        yield opened


def _pack(archive: Path) -> None:
    prefix = Path(sys.base_prefix).resolve()
    files = {f"/bin/{name}": os.path.realpath(shutil.which(name) or name) for name in PROGRAMS}
    loaded = [*files.values(), str(tooling.interpreter().executable), str(find_uv())]
    loaded += map(str, prefix.glob("lib/python3*/lib-dynload/*.so"))
    for line in subprocess.run(["ldd", *loaded], capture_output=True, text=True).stdout.splitlines():
        for word in line.split():
            if word.startswith("/") and os.path.exists(word):
                files[word] = os.path.realpath(word)

    def keep(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        wanted = not any(part in entry.name for part in LEFT_OUT[:-1]) and not entry.name.endswith(LEFT_OUT[-1])
        return entry if wanted else None

    with tarfile.open(archive, "w") as tar:
        for name, path in files.items():
            tar.add(path, name.lstrip("/"), recursive=False)
        for folder in ("bin", "lib"):
            tar.add(prefix / folder, f"usr/local/{folder}", filter=keep)
        for folder in ("tmp", "proc", "dev", "sys", "etc", "run", "usr/bin", "home", "var", "var/tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder.endswith("tmp") else 0o755
            tar.addfile(entry)
