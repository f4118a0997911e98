"""The built-in tools by themselves, on files in memory."""

from __future__ import annotations

import pytest
from langchain_core.tools import tool as langchain_tool
from pydantic import BaseModel

from agentverse.errors import UsageError
from agentverse.models.calling import Wanted
from agentverse.tools.calls import Outcome, WrongCall, arguments, as_text, cut, make
from agentverse.tools.describing import call_schema, spec_of, told
from agentverse.tools.policy import ToolPolicy
from agentverse.tools.registry import installed
from agentverse.tools.registry import make as made
from agentverse.tools.toolbox import Toolbox

FILES = {
    "main.py": b"import owls\n\nprint(owls.see())\n",
    "owls/__init__.py": b"def see():\n    return 'OWL'\n",
    "owls/picture.png": b"\x89PNG\xff",
}


async def used(bench, name: str, **given: object) -> Outcome:
    bench.files = dict(FILES)
    tool = made(name, bench)
    return await make(tool, arguments(Wanted(name, given), tool, "en"), seconds=5, language="en")


async def test_files_are_listed_by_folder(bench) -> None:
    assert (await used(bench, "list_files")).text == "main.py\nowls/__init__.py\nowls/picture.png"
    assert (await used(bench, "list_files", folder="./owls/")).text == "owls/__init__.py\nowls/picture.png"
    assert await used(bench, "list_files", folder="../etc") == Outcome(False, "There are no files.")


async def test_a_range_of_lines_is_shown_as_it_is(bench) -> None:
    assert (await used(bench, "read_file", path="main.py", start=3, lines=9)).text == (
        "main.py, lines 3 to 3 of 3:\nprint(owls.see())"
    )
    assert await used(bench, "read_file", path="main.py", start=4) == Outcome(False, "main.py has 3 lines.")
    assert not (await used(bench, "read_file", path="owls/picture.png")).ok
    missing = await used(bench, "read_file", path="/etc/passwd")
    assert missing.text.startswith("There is no file '/etc/passwd'. There are: main.py")


async def test_a_text_is_found_with_its_places(bench) -> None:
    assert (await used(bench, "search_files", text="owl")).text == (
        "main.py:1: import owls\nmain.py:3: print(owls.see())\nowls/__init__.py:2: return 'OWL'"
    )
    assert (await used(bench, "search_files", text=".*")).text == "'.*' stands in no file."


async def test_a_tool_may_take_only_so_long() -> None:
    import asyncio

    @langchain_tool
    async def wait() -> str:
        """Waits."""
        await asyncio.Event().wait()
        return ""

    assert await make(wait, {}, seconds=0.05, language="en") == Outcome(False, "It took longer than 0.05 seconds.")


async def test_hidden_characters_do_not_reach_the_agent() -> None:
    @langchain_tool
    def hide() -> str:
        """Hides."""
        return "a\x1b[31mred\x1b[0m\u202eb\x00"

    assert (await make(hide, {}, seconds=5, language="en")).text == "aredb"


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("said", "said"),
        ([{"type": "text", "text": "a"}, {"type": "image", "base64": "…"}], "a\n[image]"),
        ({"owls": 2}, '{"owls": 2}'),
        (None, "null"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_whatever_a_tool_returns_is_text(result, text) -> None:
    assert as_text(result) == text


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    short = cut("a" * 600 + "b" * 600, 300, "en")
    assert short == "a" * 200 + "\n[… 900 characters left out …]\n" + "b" * 100


class Inner(BaseModel):
    name: str


class Order(BaseModel):
    who: Inner
    colours: list[str] = []
    how_many: int | None = None


@langchain_tool(args_schema=Order)
def order(who: Inner, colours: list[str], how_many: int | None) -> str:
    """Orders owls."""
    return f"{who.name} {colours} {how_many}"


async def test_another_schema_is_bounded_closed_and_without_references() -> None:
    (calls,) = [call_schema([spec_of(order)])["properties"]["calls"]]
    given = calls["items"]["properties"]["arguments"]
    assert given["properties"]["who"] == {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 4000}},
        "required": ["name"],
        "additionalProperties": False,
    }
    assert given["required"] == ["who"]
    assert given["additionalProperties"] is False
    assert "- order(who, colours?, how_many?): Orders owls." in told([spec_of(order)], most=3, language="en")
    fine = arguments(Wanted("order", {"who": {"name": "me"}, "how_many": "2"}), order, "en")
    assert (await make(order, fine, seconds=5, language="en")).ok
    with pytest.raises(WrongCall, match="'name' is a required property"):
        arguments(Wanted("order", {"who": {}}), order, "en")
    with pytest.raises(WrongCall, match="no JSON object"):
        arguments(Wanted("order", "all of them"), order, "en")


def test_tools_are_known_by_name_without_being_made() -> None:
    assert installed() == [
        "ask_human", "edit_file", "fetch_page", "list_files", "look_up", "read_file", "run_command", "search_files",
    ]  # fmt: skip


def test_a_tool_that_is_handed_in_may_not_take_another_ones_name() -> None:
    @langchain_tool
    def read_file() -> str:
        """Reads."""
        return ""

    with pytest.raises(UsageError, match="'read_file' already"):
        Toolbox(ToolPolicy(), [read_file])
