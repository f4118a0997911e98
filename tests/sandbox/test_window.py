"""Desktop programs, looked at on a real X server in a real box."""

import pytest

from agentverse.blueprint.artifacts import Step
from agentverse.sandbox.looks import pixels
from agentverse.sandbox.looks.protocol import Start
from agentverse.sandbox.looks.window import look
from agentverse.sandbox.protocol import Limits, Mount

COUNTER = b"""
import tkinter as tk
root = tk.Tk(); root.title("Counter"); root.geometry("300x200+0+0")
value = tk.IntVar(value=0)
tk.Label(root, textvariable=value, font=("DejaVu Sans", 40)).pack()
tk.Button(root, text="Add", command=lambda: value.set(value.get() + 1)).place(x=100, y=140, width=100, height=40)
root.bind("<Up>", lambda event: value.set(value.get() + 10))
root.bind("q", lambda event: root.destroy())
root.bind("x", lambda event: __import__("os")._exit(3))
root.mainloop()
"""
START = Start(("python", "main.py"))


async def seen(box, source: bytes, *steps: Step):
    await box.put({"main.py": source})
    return await look(box, START, steps, limits=Limits())


async def test_keys_and_clicks_change_a_window(box):
    shown = await seen(
        box, COUNTER, Step(do="click", what="150,160", see="1"), Step(do="key", what="Up", see="11"),
        Step(do="key", what="q"),
    )  # fmt: skip
    assert shown.show.passed, shown.show.reason
    assert shown.show.moments[0].saw == "Counter"
    assert [moment.did for moment in shown.show.moments][:3] == ["start", "click 150,160", "key Up"]
    assert 0 < pixels.changed(shown.pictures["0.png"], shown.pictures["2.png"]) < 0.2
    assert not pixels.blank(shown.pictures["0.png"])


@pytest.mark.parametrize(
    ("source", "steps", "why"),
    [
        (b"import sys; sys.exit('no board')", [], "it ended with exit code 1: no board"),
        (b"pass", [], "it ended without opening a window"),
        (b"1 / 0", [], "it ended with exit code 1: ZeroDivisionError"),
        (COUNTER, [Step(do="key", what="z", see="anything")], "nothing changed in the window after 'key z'"),
        (COUNTER, [Step(do="key", what="z"), Step(do="click", what="5,190")], "the window is frozen"),
        (COUNTER, [Step(do="key", what="x")], "it ended with exit code 3"),
        (COUNTER, [Step(do="click", what="Add")], "the tour is wrong: a click in a window is written x,y"),
        (b"import tkinter; r = tkinter.Tk(); r.configure(bg='black'); r.geometry('300x200+9+9'); r.mainloop()",
         [], "the window stays blank"),
    ],
    ids=["exit", "none", "crash", "no change", "frozen", "ended", "wrong tour", "blank"],
)  # fmt: skip
async def test_what_is_wrong_has_a_name(box, source, steps, why):
    shown = await seen(box, source, *steps)
    assert not shown.show.passed
    assert why in shown.show.reason


async def test_a_window_has_its_title_in_any_writing_and_what_its_program_needs(box, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "counting.py").write_text("TITLE = '计数器'\n")
    await box.put({"main.py": b"import counting\n" + COUNTER.replace(b'"Counter"', b"counting.TITLE")})
    given = Start(START.argv, env={"PYTHONPATH": "/opt/layer"}, mounts=(Mount(tmp_path, "/opt/layer"),))
    shown = await look(box, given, [], limits=Limits())
    assert shown.show.passed, shown.show.reason
    assert shown.show.moments[0].saw == "计数器"


async def test_without_an_x_server_nothing_is_claimed(box, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    shown = await look(box, START, [], limits=Limits())
    assert (shown.show.passed, shown.show.ended) == (False, "not_run")
    assert "xvfb" in shown.show.fix.casefold()
