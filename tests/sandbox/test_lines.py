"""Lines of the product that its tests ran, counted in a real box."""

from __future__ import annotations

import re

import pytest

from agentverse.blueprint.artifacts import Coverage, Evidence
from agentverse.sandbox import evidence as gathering
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.lines import coverage
from agentverse.sandbox.protocol import Limits

MAIN = """
import sys


def double(x):
    if x < 0:
        return -double(-x)
    return 2 * x


if __name__ == "__main__":
    print(double(int(sys.argv[1])))
"""
TEST = "from main import double\n\ndef test_double():\n    assert double(2) == 4\n"


async def counted(box, files: dict[str, str], *, tests: str = "test_main.py", wall: float = 30.0) -> Evidence:
    contents = {path: text.encode() for path, text in files.items()}
    await box.put(contents)
    source = {path: text for path, text in contents.items() if path != tests}
    return await gather(box, ["pytest", "-q"], limits=Limits(wall=wall), held=[tests], measured=source)


def missing(evidence: Evidence) -> dict[str, list[str]]:
    assert evidence.coverage is not None, evidence
    return {file.path: file.missing for file in evidence.coverage.files}


async def test_what_tests_run_is_counted(box) -> None:
    evidence = await counted(box, {"main.py": MAIN, "test_main.py": TEST, "app/extra.py": "def f():\n    return 1\n"})
    assert evidence.passed, evidence.reason
    assert missing(evidence) == {"main.py": ["7", "12"], "app/extra.py": ["1-2"]}
    assert evidence.coverage is not None
    assert (evidence.coverage.covered, evidence.coverage.total, evidence.coverage.percent) == (5, 9, 55)


async def test_it_is_left_out_unless_asked_for(box) -> None:
    await box.put({"main.py": MAIN.encode(), "test_main.py": TEST.encode()})
    evidence = await gather(box, ["pytest", "-q"])
    assert evidence.passed
    assert evidence.coverage is None


CHILDREN = {
    "a program that is started": "subprocess.run([sys.executable, 'main.py', '-3'], check=True)",
    "a program that leaves by os._exit": (
        "subprocess.run([sys.executable, '-c', 'import main, os; main.double(-1); os._exit(0)'], check=True)"
    ),
    "a forked process": (
        "pid = os.fork()\n    if not pid:\n        double(-1)\n        os._exit(0)\n    os.waitpid(pid, 0)"
    ),
    "a worker": "worker = multiprocessing.Process(target=double, args=(-1,))\n    worker.start()\n    worker.join()",
    "a thread of a program": (
        "subprocess.run([sys.executable, '-c', 'import main, threading\\n"
        "threading.Thread(target=main.double, args=(-1,)).start()'], check=True)"
    ),
    "a thread": "thread = threading.Thread(target=double, args=(-1,))\n    thread.start()\n    thread.join()",
}


@pytest.mark.parametrize("work", CHILDREN.values(), ids=CHILDREN)
async def test_what_runs_beside_the_tests_counts_too(box, work: str) -> None:
    test = f"import multiprocessing, os, subprocess, sys, threading\n{TEST}    {work}\n"
    evidence = await counted(box, {"main.py": MAIN, "test_main.py": test})
    assert evidence.passed, evidence
    assert "7" not in missing(evidence)["main.py"]
    assert evidence.coverage is not None
    assert evidence.coverage.percent == (100 if "main.py" in work else 85)


async def test_a_session_that_ends_by_os_exit_fails_as_it_does_without(box) -> None:
    test = f"import os\n{TEST}\ndef test_leave():\n    os._exit(0)\n"
    evidence = await counted(box, {"main.py": MAIN, "test_main.py": test})
    assert "without a complete report while test_main.py::test_leave ran" in evidence.reason
    assert evidence.coverage is None


HOSTILE = {
    "the tracer is taken away": "import sys\nsys.settrace(None)\n",
    "the environment is emptied": "import os\nos.environ.clear()\n",
    "the folder is full of rubbish": (
        "import glob, os\nfor folder in glob.glob('/run/agentverse/*-lines'):\n"
        "    open(f'{folder}/a', 'wb').write(b'\\xff' * 1000)\n    os.symlink('/etc/passwd', f'{folder}/b')\n"
        "    os.mkfifo(f'{folder}/c')\n    os.mkdir(f'{folder}/d')\n"
    ),
    "the folder is gone": "import glob, shutil\nfor f in glob.glob('/run/agentverse/*-lines'): shutil.rmtree(f)\n",
    "the timer goes off": "import os, signal\nos.kill(os.getpid(), signal.SIGPROF)\n",
}


@pytest.mark.parametrize("attack", HOSTILE.values(), ids=HOSTILE)
async def test_whatever_is_done_to_the_counting_the_verdict_stands(box, attack: str) -> None:
    test = f"{TEST}\ndef test_wrong():\n    assert double(2) == 5\n"
    evidence = await counted(box, {"main.py": attack + MAIN, "test_main.py": test})
    assert evidence.reason.startswith("1 of 2 tests failed, first test_main.py::test_wrong"), evidence.reason


LONG = {
    "the session": "while time.process_time() < 1.0: double(3)",
    "a program": (
        "subprocess.run([sys.executable, '-c', 'import main\\nfor n in range(10**6): main.double(n)'], check=True)"
    ),
    "one that begins late": "time.sleep(0.5)\n    subprocess.run([sys.executable, '-c', 'import main'], check=True)",
}


@pytest.mark.parametrize("work", LONG.values(), ids=LONG)
async def test_what_works_long_is_traced_no_more_and_then_no_lines_are_shown(box, monkeypatch, work: str) -> None:
    monkeypatch.setattr(gathering, "COUNTING", 0.4)
    test = f"import subprocess, sys, time\n{TEST}    {work}\n"
    evidence = await counted(box, {"main.py": MAIN, "test_main.py": test})
    assert evidence.passed, evidence.reason
    assert evidence.coverage is None


async def test_other_backends_count_too(other_box) -> None:
    evidence = await counted(other_box, {"main.py": MAIN, "test_main.py": TEST})
    assert missing(evidence) == {"main.py": ["7", "12"]}, evidence


# ---------------------------------------------------------------------- what there is to run

SOURCE = '''"""A docstring."""
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT: int = 3
total: int


@staticmethod
def f(a, b=1,
      c=2):
    """Another."""
    global total
    x: int
    total = a + \\
        b
    try:
        y = [n
             for n in range(3)]
    except ValueError:
        return None
    else:
        pass
    finally:
        total += 1
    while True:
        for n in y:
            if n: continue
        else:
            break
        return None
    match a:
        case 1:
            return 1
        case _:
            return (
                2
            )


class A:
    """A third."""
    z: int
    w = 1

    def g(self): ...

    async def h(self):
        return 1


with open(os.devnull) as file: pass
'''


def test_the_statements_that_count_are_those_for_which_python_runs_a_line() -> None:
    """Everything but what cannot be reached is run here, and Python's own line events are the measure."""
    ran: set[int] = set()
    code = compile(SOURCE, "main.py", "exec")

    def watch(frame, event, arg):
        if frame.f_code.co_filename == "main.py":
            ran.add(frame.f_lineno)
            return watch
        return None

    import sys

    space: dict = {}
    before = sys.gettrace()
    sys.settrace(watch)
    try:
        exec(code, space)
        space["f"](1, 2)
        space["f"](2, 2)
        space["A"]().g()
    finally:
        sys.settrace(before)
    found = coverage({"main.py": ran}, {"main.py": SOURCE.encode()})
    assert found is not None
    lines = SOURCE.splitlines()
    gaps = found.files[0].missing
    assert [lines[int(re.split("-", gap)[0]) - 1].strip() for gap in gaps] == ["return None", "return None", "return 1"]


def test_lines_that_are_not_there_do_not_count() -> None:
    found = coverage(
        {"a.py": {1, 99, 10**6}, "gone.py": {1}}, {"a.py": b"x = 1\ny = 2\n", "b.py": b"def f(:", "c.py": b""}
    )
    assert found is not None
    assert (found.covered, found.total, [file.path for file in found.files]) == (1, 2, ["a.py"])
    assert coverage({"a.py": {1}}, {"c.py": b"# nothing"}) is None


def test_a_percentage_is_never_rounded_up() -> None:
    assert Coverage(covered=999, total=1000).percent == 99
    assert Coverage(covered=0, total=0).percent == 100
