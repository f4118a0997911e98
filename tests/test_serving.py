"""A model for those who have configured none, as programs ask for it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from agentverse import run
from agentverse.engine.run import resume
from agentverse.errors import NoModel
from agentverse.host import open_host
from agentverse.journal.events import GateOpened
from agentverse.models.servers.choose import Plan
from agentverse.models.servers.ports import free_port
from agentverse.serving import LOGS, Chosen, Onlooker, log_of, with_model
from agentverse.settings import Settings, load_settings
from agentverse.testing import ScriptedServer, tiny

CARD = "#!/bin/sh\necho '0, GPU-a, NVIDIA RTX 4090, 24564, 24000, 580.65.06, 8.9'\n"
TALK = """\
name: talk
phases:
  first: {ask: ceo, prompt: Say something., produces: {one: text}}
  agree: {after: first, human: "Go on?", choices: ["yes"], produces: {agree: answer}}
  second: {after: agree, ask: ceo, prompt: Say more., produces: {two: text}}
"""


class Listener(Onlooker):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def chosen(self, chosen: Chosen) -> None:
        self.heard.append(f"{chosen.how} {chosen.model} {chosen.where}")

    def passed_over(self, plan: Plan, why: Exception) -> None:
        self.heard.append(f"not {plan.engine}: {why}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing downloaded, no card and no server. Returns the folder whose programs come first."""
    for name in list(os.environ):
        if name.startswith(("AGENTVERSE_", "OPENAI_", "LC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AGENTVERSE_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("AGENTVERSE_SERVE_PORTS", str(free_port()))
    monkeypatch.setenv("AGENTVERSE_RUNS_FOLDER", str(tmp_path / "runs"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return programs


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.bigram(tmp_path_factory.mktemp("tiny") / "bigram.gguf")


@pytest.fixture
def downloaded(home: Path, tmp_path: Path, weights: Path) -> Callable[[str, str], Path]:
    """Puts what stands for a model's file into the hub's cache."""

    def put(repo: str, name: str) -> Path:
        base = tmp_path / "hub" / f"models--openbmb--{repo}"
        (base / "snapshots" / "abc").mkdir(parents=True, exist_ok=True)
        (base / "refs").mkdir(exist_ok=True)
        (base / "refs" / "main").write_text("abc")
        file = base / "snapshots" / "abc" / name
        file.symlink_to(weights)
        return file

    return put


@pytest.fixture
def card(home: Path, downloaded: Callable[[str, str], Path]) -> Path:
    """A graphics card, vLLM, and a model for it."""
    fake = Path(__file__).parent / "models" / "servers" / "fake_vllm.py"
    for name, script in (("nvidia-smi", CARD), ("vllm", f"#!{sys.executable}\n{fake.read_text(encoding='utf-8')}")):
        (home / name).write_text(script, encoding="utf-8")
        (home / name).chmod(0o755)
    for name in ("config.json", "model.safetensors"):
        downloaded("MiniCPM5-1B", name)
    return home


def here(tmp_path: Path) -> Settings:
    return load_settings(tmp_path)


async def test_on_a_machine_with_a_card_vllm_serves(card: Path, tmp_path: Path) -> None:
    listener = Listener()
    async with with_model(here(tmp_path), onlooker=listener) as settings:
        edge = settings.models.placed()["edge"]
        assert len(edge.api_key.get_secret_value()) > 20
        assert settings.origin("models.edge.base_url") == "started on this machine"
        assert edge.api_key.get_secret_value() not in str(settings.shown())
    assert listener.heard == ["served MiniCPM5-1B vLLM"]


async def test_when_vllm_does_not_come_up_the_processor_serves(
    card: Path, downloaded: Callable[[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloaded("MiniCPM5-1B-GGUF", "MiniCPM5-1B-Q4_K_M.gguf")
    monkeypatch.setenv("FAKE_VLLM", '{"dies": "RuntimeError: The NVIDIA driver on your system is too old"}')
    listener = Listener()
    async with with_model(here(tmp_path), onlooker=listener) as settings:
        assert settings.models.placed()["edge"].model == "MiniCPM5-1B"
    first, failed, second = listener.heard
    assert first == "served MiniCPM5-1B vLLM"
    assert failed.startswith("not vllm: vLLM could not serve MiniCPM5-1B because the graphics driver does not suit")
    assert second == "served MiniCPM5-1B llama.cpp"


async def test_a_server_whose_context_is_too_short_is_passed_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = free_port(), free_port()
    monkeypatch.setenv("AGENTVERSE_SERVE_PORTS", f"{short},{long}")
    listener = Listener()
    async with (
        ScriptedServer([], port=short, context=2000),
        ScriptedServer([], port=long, context=9000),
        with_model(here(tmp_path), least=4000, onlooker=listener) as settings,
    ):
        assert settings.models.placed()["edge"].base_url.endswith(f":{long}/v1")
    assert listener.heard == [f"found scripted http://127.0.0.1:{long}/v1"]


async def test_nothing_is_downloaded_unless_it_is_allowed(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="would have to be downloaded"):
        async with with_model(here(tmp_path)):
            raise AssertionError


async def test_what_was_set_of_a_tier_without_a_place_still_holds(
    downloaded: Callable[[str, str], Path], tmp_path: Path
) -> None:
    downloaded("MiniCPM5-1B-GGUF", "MiniCPM5-1B-Q4_K_M.gguf")
    (tmp_path / "agentverse.toml").write_text(
        "[models.edge]\ntemperature = 0.2\nretries = 3\napi_key_env = 'NO_SUCH'\n"
    )
    async with with_model(here(tmp_path)) as settings:
        edge = settings.models.placed()["edge"]
        assert (edge.temperature, edge.retries, edge.api_key_env) == (0.2, 3, "")
        assert settings.origin("models.edge.retries").endswith("agentverse.toml:3")


async def test_a_run_whose_server_is_gone_is_stopped_in_order_and_can_be_resumed(
    downloaded: Callable[[str, str], Path], tmp_path: Path
) -> None:
    downloaded("MiniCPM5-1B-GGUF", "MiniCPM5-1B-Q4_K_M.gguf")
    (tmp_path / "talk.yaml").write_text(TALK)
    (tmp_path / "agentverse.toml").write_text("[models.edge]\nmax_tokens = 500\nretries = 0\n")
    async with with_model(here(tmp_path)) as settings:
        handle = await run("anything", tmp_path / "talk.yaml", settings=settings, name="one")
        async for entry in handle:
            if isinstance(entry.event, GateOpened):
                kill_servers()
                await handle.answer(entry.key, choice="yes")
        result = await handle.result()
    assert result.outcome == "stopped"
    assert "127.0.0.1" in result.reason
    async with with_model(here(tmp_path)) as settings, open_host(settings) as host:
        again = await (await resume(host, "one")).result()
    assert (again.outcome, again.turns > result.turns) == ("succeeded", True)


def kill_servers() -> None:
    """Kill what serves MiniCPM5-1B for this test, as the system does when memory runs out."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"servers/llama.py" in path.read_bytes():
                stat = (path.parent / "stat").read_text().rpartition(")")[2].split()
                if int(stat[1]) == os.getpid():
                    os.kill(int(path.parts[2]), signal.SIGKILL)


def test_logs_of_earlier_servers_are_kept_but_not_many(home: Path, weights: Path, tmp_path: Path) -> None:
    from agentverse.models.catalogue import probe
    from agentverse.models.servers.choose import plan_for

    launch = plan_for(str(weights), probe()).launch(weights, probe(), port=1)
    for number in range(LOGS + 5):
        log = log_of(launch)
        log.with_name(f"{number:02}.log").touch()
    assert len(list(log.parent.glob("*.log"))) == LOGS
    assert log.parent == tmp_path / "state" / "servers"
