from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import pytest

import agentverse

HEAVY = (
    "openai",
    "aiohttp",
    "sqlalchemy",
    "networkx",
    "jinja2",
    "dulwich",
    "rich",
    "langchain_core",
    "pydantic",
    "yaml",
    "fastapi",
    "uvicorn",
)


def loaded_after(code: str) -> set[str]:
    """Modules of a fresh process after it ran ``code``."""
    script = f"import json, sys, io\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.__stdout__)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    return set(json.loads(out.splitlines()[-1]))


def test_all_is_what_can_be_imported() -> None:
    for name in agentverse.__all__:
        assert getattr(agentverse, name) is not None
    assert set(agentverse.__all__) <= set(dir(agentverse))
    assert sorted(agentverse.__all__) == agentverse.__all__
    assert {"Company", "run", "run_sync", "Host", "RunResult", "Event", "Entry", "__version__"} == set(
        agentverse.__all__
    )


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_sort"):
        agentverse.nothing_of_the_sort  # type: ignore[attr-defined]  # noqa: B018


def test_the_package_is_typed() -> None:
    assert (files("agentverse") / "py.typed").is_file()


def test_importing_the_package_imports_nothing_of_weight() -> None:
    assert loaded_after("import agentverse").isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["run", "--help"], ["demo", "--help"], ["web", "--help"], ["rnu"]]
)
def test_help_imports_nothing_of_weight(arguments: list[str]) -> None:
    code = f"from agentverse.cli.main import invoke\nsys.stdout = io.StringIO()\ninvoke({arguments!r})"
    assert loaded_after(code).isdisjoint(HEAVY)


def test_listing_models_needs_no_client_of_a_hub() -> None:
    code = "from agentverse.cli.main import invoke\nsys.stdout = io.StringIO()\ninvoke(['models', 'list'])"
    light = {"openai", "aiohttp", "rich", "yaml", "huggingface_hub", "modelscope_hub", "networkx", "sqlalchemy"}
    assert loaded_after(code).isdisjoint(light)


def test_reading_the_past_needs_no_model_client() -> None:
    code = "from agentverse.cli.main import invoke\nsys.stdout = io.StringIO()\ninvoke(['runs'])"
    assert loaded_after(code).isdisjoint({"openai", "aiohttp", "langchain_core", "dulwich", "networkx"})
