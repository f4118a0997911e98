from __future__ import annotations

import subprocess
import sys

import pytest

from agentverse.errors import SettingsError
from agentverse.models.openai import OpenAIModel
from agentverse.models.recording import Recording, RecordingModel
from agentverse.models.registry import open_model, provider, providers
from agentverse.models.spec import parse_spec


@pytest.mark.parametrize(
    ("text", "url", "model"),
    [
        ("http://localhost:8000", "http://localhost:8000/v1", ""),
        ("http://localhost:8000/v1/#tiny", "http://localhost:8000/v1", "tiny"),
        ("openai:https://host/api/v1/chat/completions#a/b", "https://host/api/v1", "a/b"),
    ],
)
async def test_short_forms_of_a_server(text, url, model):
    opened = await open_model(text)
    assert isinstance(opened, OpenAIModel)
    assert (opened.urls, opened.name) == ((url,), model)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("gpt-4", "names no model"),
        ("recording:", "names no model"),
        ("nobody:here", "no model provider 'nobody'"),
        ({"provider": "openai"}, "needs base_url"),
        ("openai:localhost:8000", "no address"),
        ({"base_ulr": "http://x"}, "did you mean 'base_url'"),
        ({"base_url": "http://x", "temperature": "hot"}, "temperature: "),
        ({"base_url": "http://x", "in_flight": 0}, "in_flight: "),
    ],
)
async def test_wrong_settings_say_what_is_wrong(spec, words):
    with pytest.raises(SettingsError, match=words):
        await open_model(spec)


def test_the_key_does_not_show():
    spec = parse_spec({"base_url": "http://x", "api_key": "sk-very-secret"})
    assert "very-secret" not in repr(spec) + str(spec) + spec.model_dump_json()
    with pytest.raises(SettingsError) as error:
        parse_spec({"api_key": ["sk-very-secret"]})
    assert "very-secret" not in str(error.value)


async def test_a_provider_of_another_package_uses_the_same_door():
    @provider("echo-for-this-test")
    async def echo(spec):
        return RecordingModel(Recording(), spec.path)

    assert "echo-for-this-test" in providers()
    assert (await open_model("echo-for-this-test:argument")).name == "argument"
    with pytest.raises(ValueError, match="registered already"):
        provider("echo-for-this-test")(echo)


def test_listing_providers_imports_none():
    code = (
        "import sys; from agentverse.models.registry import providers; print(providers());"
        "heavy = {'openai', 'aiohttp', 'langchain_core', 'httpx2'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "langchain" in done.stdout
