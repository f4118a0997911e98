"""What settings that let nothing leave this machine come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentverse.errors import NoModel, SettingsError
from agentverse.host import open_host
from agentverse.models.registry import open_model
from agentverse.models.servers.choose import Plan
from agentverse.offline import at_home
from agentverse.serving import Onlooker, with_model
from agentverse.settings import Settings, load_settings

HERE = "http://127.0.0.1:8000/v1#m"
AWAY = "http://user:secret@gpu.invalid/v1#m"


def settings(folder: Path, **said: Any) -> Settings:
    options = {"offline": True, **{name.replace("__", "."): value for name, value in said.items()}}
    return load_settings(
        folder,
        options={name: (value, f"--{name}") for name, value in options.items()},
        env={"AGENTVERSE_CONFIG_HOME": str(folder / "config")},
    )


@pytest.mark.parametrize(
    "edge",
    [HERE, "http://localhost:1/v1", "http://[::1]:8000/v1", "http://127.0.0.1:1/v1,http://127.0.0.2:1/v1",
     "recording:run.json", "manual:folder"],
)  # fmt: skip
def test_what_is_on_this_machine_stays_and_what_is_elsewhere_is_left_out(tmp_path: Path, edge: str) -> None:
    home = at_home(settings(tmp_path, models__edge=edge, models__cloud=AWAY, models__vision=HERE))
    assert home.dropped == ("cloud",)
    assert list(home.settings.models.placed()) == ["edge", "vision"]


@pytest.mark.parametrize(
    ("edge", "place"),
    [
        (AWAY, "http://gpu.invalid/v1"),
        ("http://127.0.0.1:1/v1,http://me:secret@gpu.invalid/v1", "gpu.invalid"),
        ("http://127.0.0.1.nip.invalid/v1", "nip.invalid"),
        ("http://10.0.0.1/v1", "10.0.0.1"),
        ("http://gpu.localhost/v1", "gpu.localhost"),
        ("langchain:somewhere:Chat", "langchain:somewhere:Chat"),
        ("other:thing", "other:thing"),
    ],
)
def test_an_edge_elsewhere_is_one_clear_error(tmp_path: Path, edge: str, place: str) -> None:
    with pytest.raises(SettingsError, match="the tier 'edge' is at") as caught:
        at_home(settings(tmp_path, models__edge=edge))
    assert place in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "agentverse models serve" in (caught.value.fix or "")


@pytest.mark.parametrize(
    ("journal", "fits"),
    [
        ("postgresql://db.invalid/runs", False),
        ("postgresql:///runs?host=db.invalid:5432", False),
        ("postgresql://localhost/runs", True),
        ("postgresql:///runs?host=/run/postgresql", True),
        ("sqlite:///runs.db", True),
    ],
)
def test_a_journal_elsewhere_is_an_error(tmp_path: Path, journal: str, fits: bool) -> None:
    said = settings(tmp_path, models__edge=HERE, runs__journal=journal)
    if fits:
        assert at_home(said).dropped == ()
        return
    with pytest.raises(SettingsError, match=r"the journal is on db\.invalid"):
        at_home(said)


async def test_models_that_a_program_hands_in_are_looked_at_too(tmp_path: Path) -> None:
    said = settings(tmp_path, runs__folder=str(tmp_path / "runs"))
    here, away = await open_model(HERE), await open_model(AWAY)
    async with open_host(said, models={"edge": here, "cloud": away}) as host:
        assert (list(host.models), host.dropped, host.offline) == (["edge"], ("cloud",), True)
    with pytest.raises(SettingsError, match="the tier 'edge' is at openai:m"):
        async with open_host(said, models={"edge": away}):
            raise AssertionError
    remote = settings(tmp_path, runs__folder=str(tmp_path / "runs"), models__edge=AWAY)
    async with open_host(remote, models={"edge": here}) as host:
        assert list(host.models) == ["edge"]


class _Eager(Onlooker):
    async def may_download(self, plan: Plan) -> bool:
        return True


async def test_no_model_is_downloaded_though_it_was_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(NoModel, match="would have to be downloaded") as caught:
        async with with_model(settings(tmp_path, serve__ports=[1]), onlooker=_Eager()):
            raise AssertionError
    assert (caught.value.fix or "").startswith("Get it first: agentverse models pull")
