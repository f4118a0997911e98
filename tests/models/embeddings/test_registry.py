"""Which embeddings the settings open."""

import asyncio
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from agentverse.errors import ModelUnavailable, SettingsError
from agentverse.host import open_embeddings
from agentverse.models.embeddings.hashing import HashingEmbedder
from agentverse.models.embeddings.langchain import AsLangChain, LangChainEmbedder
from agentverse.models.embeddings.protocol import likeness
from agentverse.models.embeddings.registry import embedders, open_embedder
from agentverse.models.spec import ModelSpec
from agentverse.settings import load_settings


def test_nothing_configured_means_hashing() -> None:
    assert isinstance(open_embedder(), HashingEmbedder)
    assert embedders() == ["hashing", "langchain", "openai"]


def test_an_unknown_provider_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match="'hash'") as unknown:
        open_embedder(ModelSpec(provider="hash"))
    assert "hashing" in str(unknown.value.fix)


async def test_embeddings_of_langchain_are_opened_by_their_class() -> None:
    name = "langchain_core.embeddings:DeterministicFakeEmbedding"
    embedder = open_embedder(ModelSpec(provider="langchain", model=name, extra={"size": 8}))
    one, two, again = await embedder.embed(["a", "b", "a"])
    assert (len(one), one == again) == (8, True)
    assert likeness(one, again) == pytest.approx(1, abs=1e-5)
    assert likeness(one, two) < 0.99


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("no_such_package:Any", "cannot be imported"),
        ("langchain_core.embeddings:DeterministicFakeEmbedding", "cannot be made"),
        ("collections:OrderedDict", "is no Embeddings"),
    ],
)
def test_classes_that_are_no_embeddings_are_refused(model: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        open_embedder(ModelSpec(provider="langchain", model=model))


class Broken(Embeddings):
    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        raise RuntimeError("key sk-secret is refused")

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError


async def test_an_error_of_wrapped_embeddings_names_its_class_and_no_more() -> None:
    with pytest.raises(ModelUnavailable, match=r"Broken \(LangChain\) failed: RuntimeError") as broken:
        await LangChainEmbedder(Broken()).embed(["a"])
    assert "sk-secret" not in str(broken.value)


async def test_our_embeddings_serve_as_those_of_langchain() -> None:
    ours = AsLangChain(HashingEmbedder().embed)
    (made,) = await ours.aembed_documents(["a text"])
    assert await ours.aembed_query("a text") == made
    assert await asyncio.to_thread(ours.embed_query, "a text") == made
    assert isinstance(LangChainEmbedder(DeterministicFakeEmbedding(size=3)).name, str)


def test_the_settings_place_embeddings_beside_the_tiers(tmp_path: Path) -> None:
    env = {"AGENTVERSE_CONFIG_HOME": str(tmp_path)}
    (tmp_path / "agentverse.toml").write_text(
        '[models.embeddings]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "bge"\n[memory]\nstore = "a.b:C"\n'
        '[memory.options]\npath = "{run}"\n'
    )
    settings = load_settings(tmp_path, env=env)
    assert settings.models.embeddings is not None
    assert settings.models.embeddings.placed
    assert settings.models.placed() == {}
    assert (settings.memory.store, settings.memory.options) == ("a.b:C", {"path": "{run}"})
    assert settings.origin("models.embeddings.model").endswith("agentverse.toml:3")
    assert any(shown.path == "models.embeddings.base_url" for shown in settings.shown())
    short = load_settings(tmp_path, env={**env, "AGENTVERSE_MODELS_EMBEDDINGS": "http://other/v1#m"})
    assert short.models.embeddings is not None
    assert short.models.embeddings.model == "m"


def test_a_store_is_a_class_in_a_module(tmp_path: Path) -> None:
    (tmp_path / "agentverse.toml").write_text('[memory]\nstore = "chroma"\n')
    with pytest.raises(SettingsError, match=r"memory\.store"):
        load_settings(tmp_path, env={"AGENTVERSE_CONFIG_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[models.embeddings]\nbase_url = "http://elsewhere:1/v1"\n', "not on this machine"),
        ('[memory]\nstore = "a.b:C"\n', r"memory\.store"),
    ],
)
def test_offline_nothing_that_is_remembered_leaves_the_machine(tmp_path: Path, text: str, said: str) -> None:
    env = {"AGENTVERSE_CONFIG_HOME": str(tmp_path)}
    (tmp_path / "agentverse.toml").write_text(f"offline = true\n{text}")
    with pytest.raises(SettingsError, match=said):
        open_embeddings(load_settings(tmp_path, env=env))
    (tmp_path / "agentverse.toml").write_text(
        "offline = true\n[models.embeddings]\nbase_url = 'http://127.0.0.1:1/v1'\n"
    )
    assert open_embeddings(load_settings(tmp_path, env=env)).name == "http://127.0.0.1:1/v1"
