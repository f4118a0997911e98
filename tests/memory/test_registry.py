"""Names and options of memories, and packages that add one."""

import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.errors import UsageError
from agentverse.memory.registry import Memory, known_memories, make_memories, memory, memory_faults
from agentverse.memory.window import Window


def test_what_comes_with_the_product():
    assert known_memories() == ["blackboard", "plan", "recall", "reflection", "summary", "window"]


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (None, []),
        ([], []),
        ("window", ["Window"]),
        ({"window": 20}, ["Window"]),
        (["recall", "summary"], ["Window", "RunningSummary", "Recall"]),
        ([{"summary": None}, {"window": {"share": 0.3}}], ["Window", "RunningSummary"]),
        (["plan", "blackboard"], ["Plan", "Blackboard"]),
    ],
)
def test_parts_are_asked_in_an_order_of_their_own_with_a_window_where_one_is_needed(spec, names):
    assert [type(part).__name__ for part in make_memories(spec)] == names


def test_a_plain_value_is_the_first_option():
    (window,) = make_memories({"window": 20})
    assert isinstance(window, Window)
    assert (window.messages, window.pin) == (20, 1)


@pytest.mark.parametrize(
    ("spec", "at", "said", "fix"),
    [
        ("windw", (), "there is no memory 'windw'", "Did you mean 'window'? There are: blackboard,"),
        (["window", {"sumary": 1}], (1, "sumary"), "there is no memory 'sumary'", "Did you mean 'summary'?"),
        ({"window": {"mesages": 3}}, ("window", "mesages"), "no option 'mesages'", "did you mean 'messages'"),
        ([{"window": {"tokens": 3}}], (0, "window", "tokens"), "greater than or equal to 64", "It takes: messages,"),
        ({"window": "many"}, ("window",), "messages: input should be a valid integer", "It takes: messages,"),
        ({"window": 3, "summary": 4}, (), "one mapping of its name", None),
        (["window", "window"], (1,), "named twice", None),
        ({"blackboard": {"types": []}}, ("blackboard", "types"), "at least 1 item", "It takes: name,"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(spec, at, said, fix):
    (fault,) = memory_faults(spec)
    assert fault.at == at
    assert said in fault.what
    assert (fix or "") in (fault.fix or "")
    with pytest.raises(UsageError):
        make_memories(spec)


def test_a_part_applies_something_and_has_a_name_of_its_own():
    with pytest.raises(TypeError, match="applies nothing"):

        @memory("idle")
        class Idle(Memory):
            pass

    with pytest.raises(ValueError, match="registered already"):
        memory("window")(Window)


PLUGIN = '''
from agentverse.memory.registry import Memory

class Diary(Memory):
    """Notes how much was heard."""

    async def apply(self, view, mind):
        view.notes.append(f"{len(view.heard)} lines")
'''
ASK = """
import sys
from agentverse.memory.registry import known_memories, make_memories, memory_faults
assert {"diary", "nonsense"} <= set(known_memories())
assert "outside_memories" not in sys.modules
print(*(type(part).__name__ for part in make_memories(["diary", "window"])))
print(memory_faults("nonsense")[0].what)
"""


def test_a_package_outside_adds_a_memory_by_its_entry_point(tmp_path: Path):
    (tmp_path / "outside_memories.py").write_text(PLUGIN)
    info = tmp_path / "outside_memories-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-memories\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[agentverse.memories]\ndiary = outside_memories:Diary\nnonsense = outside_memories:PLUGIN_HAS_NONE\n"
    )
    (tmp_path / "outside_memories.py").write_text(PLUGIN + "\nPLUGIN_HAS_NONE = 7\n")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{ASK}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    first, second = done.stdout.splitlines()
    assert first == "Window Diary"
    assert "is none: outside_memories:PLUGIN_HAS_NONE" in second
