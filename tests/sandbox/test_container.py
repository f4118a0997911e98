"""Containers, by podman: nothing is pulled, nothing is left, and what is missing is named with its fix."""

import asyncio
import subprocess

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.container import IMAGE, Container
from agentverse.sandbox.protocol import Limits


def _podman(*words: str) -> list[str]:
    return subprocess.run(["podman", *words], capture_output=True, text=True, check=True).stdout.split()


def _ours(box) -> list[str]:
    """Names of the containers that show the box's workspace."""
    return _podman("ps", "--all", "--filter", f"volume={box._place.base}/work", "--format", "{{.Names}}")


@pytest.mark.container
async def test_an_image_that_is_missing_is_not_pulled(image):
    backend = Container()
    backend.adjust(image="localhost/agentverse-missing:1", runtime="")
    with pytest.raises(SandboxUnavailable, match="no image localhost/agentverse-missing:1") as caught:
        await backend.probe()
    assert caught.value.fix == "podman pull localhost/agentverse-missing:1"


async def test_without_an_engine_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="neither podman nor docker is installed"):
        await Container().probe()


@pytest.mark.container
async def test_a_runtime_that_is_missing_is_no_sandbox(image):
    backend = Container()
    backend.adjust(image=image, runtime="no-such-runtime")
    with pytest.raises(SandboxUnavailable, match="containers do not work here"):
        await backend.probe()


def test_the_image_has_the_python_that_agentverse_runs_on():
    assert IMAGE.startswith("python:3.")


@pytest.mark.container
async def test_containers_are_gone_after_an_end_a_timeout_and_a_cancellation(container):
    async with container.open() as box:
        await box.exec(["true"])
        assert (await box.exec(["sleep", "60"], limits=Limits(wall=1.0))).reason == "timeout"
        waiting = asyncio.create_task(box.exec(["sh", "-c", "touch started; sleep 60"]))
        while "started" not in await box.export():
            assert not waiting.done()
        assert len(_ours(box)) == 1
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert _ours(box) == []


@pytest.mark.container
async def test_a_container_taken_away_is_a_sandbox_lost(container):
    async with container.open() as box:
        waiting = asyncio.create_task(box.exec(["sh", "-c", "touch started; sleep 60"]))
        while "started" not in await box.export():
            assert not waiting.done()
        _podman("rm", "--force", "--time=0", *_ours(box))
        assert (await waiting).reason == "sandbox_lost"


@pytest.mark.container
async def test_too_much_memory_is_called_that(container):
    async with container.open() as box:
        if not box.info.enforced["memory"]:
            pytest.skip("the engine has no control groups")
        result = await box.exec(["python", "-c", "x = b'x' * (1 << 30)"], limits=Limits(wall=20.0, memory=128 << 20))
    assert result.reason in ("memory", "killed")  # with control groups v1 podman does not always say which
