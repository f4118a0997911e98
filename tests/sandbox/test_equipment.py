"""What evidence needs besides a sandbox, looked for where it is needed."""

import dataclasses
import sys

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import equipment
from agentverse.sandbox.equipment import TOOLS, Inspected, inspect, remedy


async def test_what_is_in_the_box_is_found_there_and_what_is_not_has_its_fix(backend, monkeypatch):
    tools = {
        "python": dataclasses.replace(TOOLS["Xvfb"], name="python", programs=("no-such-program", "python3")),
        "json": dataclasses.replace(TOOLS["Xvfb"], name="json", programs=(), module="json"),
        "nothing": dataclasses.replace(TOOLS["Xvfb"], name="nothing", programs=("no-such-program",)),
        "host": dataclasses.replace(TOOLS["uv"], name="host", programs=("no-such-program",)),
        "file": dataclasses.replace(TOOLS["font"], name="file", files=("/no-such-file", sys.executable)),
    }
    monkeypatch.setattr(equipment, "TOOLS", tools)
    found = {tool.name: tool for tool in await inspect(backend)}
    assert {name: tool.there for name, tool in found.items()} == {
        "python": True, "json": True, "nothing": False, "host": False, "file": True,
    }  # fmt: skip
    assert found["nothing"].fix == TOOLS["Xvfb"].remedy
    assert found["host"].fix == "pip install uv"
    assert found["python"].fix == ""


async def test_without_a_sandbox_nobody_claims_to_know_what_is_in_it():
    found = {tool.name: tool for tool in await inspect(None)}
    assert found["Xvfb"] == Inspected("Xvfb", "windows", None)
    assert found["font"].there is not None


def test_every_tool_says_how_it_is_got(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    for name in TOOLS:
        assert remedy(name).split()[:2] not in ([], [""]), name
    monkeypatch.setattr(sys, "base_prefix", "/home/somebody/.pyenv/versions/3.11")
    assert "built without it" in remedy("tkinter")


async def test_a_display_that_is_missing_names_the_same_fix(box, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable) as caught:
        await box.display()
    assert caught.value.fix == remedy("Xvfb")
