"""Terminal programs, looked at through a real pseudo-terminal in a real box."""

import io
import random

import pytest
from PIL import Image

from agentverse.blueprint.artifacts import Step
from agentverse.sandbox.looks import keys
from agentverse.sandbox.looks.protocol import Start
from agentverse.sandbox.looks.terminal import look
from agentverse.sandbox.protocol import Limits

CURSES = b"""
import curses
def main(screen):
    curses.curs_set(0); curses.start_color(); curses.init_pair(1, curses.COLOR_RED, curses.COLOR_GREEN)
    x = 5
    while True:
        screen.erase(); screen.border(); screen.addstr(1, 2, "Score: %d" % x)
        screen.addstr(5, x, "@", curses.color_pair(1))
        screen.refresh()
        key = screen.getch()
        if key == curses.KEY_RIGHT: x += 1
        elif key == ord("q"): return
        elif key == ord("c"): 1 / 0
curses.wrapper(main)
"""
LINES = b"""
while True:
    try: said = input("number> ")
    except EOFError: break
    if said == "quit": break
    print("twice:", int(said) * 2)
"""
START = Start(("python", "main.py"))


async def seen(box, source: bytes, *steps: Step):
    await box.put({"main.py": source})
    return await look(box, START, steps, limits=Limits())


async def test_a_curses_game_is_played(box):
    shown = await seen(
        box, CURSES, Step(do="key", what="Right", see="score: 6"), Step(do="key", what="Right", see="Score:  7"),
        Step(do="key", what="q"),
    )  # fmt: skip
    assert shown.show.passed, shown.show.reason
    assert [moment.did for moment in shown.show.moments][:3] == ["start", "key Right", "key Right"]
    assert "Score: 7" in shown.show.moments[2].saw
    first, later = (Image.open(io.BytesIO(shown.pictures[name])) for name in ("0.png", "1.png"))
    assert first.size == (732, 444)
    assert first.tobytes() != later.tobytes()
    assert (13, 188, 121) in {colour for _, colour in first.getcolors(1 << 16)}


async def test_a_program_of_lines(box):
    shown = await seen(box, LINES, Step(do="type", what="21", see="twice: 42"), Step(do="type", what="quit"))
    assert shown.show.passed, shown.show.reason
    assert "twice: 42" in shown.show.moments[1].saw


@pytest.mark.parametrize(
    ("source", "steps", "why"),
    [
        (CURSES, [Step(do="key", what="c", see="Score")], "it crashed: ZeroDivisionError"),
        (LINES, [Step(do="type", what="x", see="twice")], "it crashed: ValueError"),
        (CURSES, [Step(do="key", what="Right", see="Level 2")], "did not show 'Level 2'"),
        (b"import sys; sys.exit('no board')", [], "it ended with exit code 1: no board"),
        (b"pass", [], "it ended without showing anything"),
        (b"import os; print('a', flush=True); os.kill(os.getpid(), 11)", [Step(do="wait")], "killed by signal 11"),
        (CURSES, [Step(do="key", what="Hyper")], "the tour is wrong: there is no key 'Hyper'"),
        (LINES, [Step(do="type", what="quit", see="goodbye")], "it ended before the tour was over"),
    ],
    ids=["crash", "traceback", "not shown", "exit", "silent", "signal", "unknown key", "gone"],
)
async def test_what_is_wrong_has_a_name(box, source, steps, why):
    shown = await seen(box, source, *steps)
    assert not shown.show.passed
    assert why in shown.show.reason


async def test_nothing_hostile_leaves_the_screen(box):
    source = b"""
import sys
out = sys.stdout.buffer
out.write(b"\\x1b]0;title\\x07\\x1b[999999999@\\x1b[99999999;99999999H\\x1b[?1049h\\x1b[6n\\xff\\xfe\\x9b31m")
out.write(b"\\x1b]" + b"x" * 200000)
out.write(b"\\x07\\x1b[2J\\x1b[Hhere\\x1b[31mred")
out.flush()
input()
"""
    terminal = await box.terminal(["python", "-c", source.decode()])
    assert await terminal.until("herered", within=10)
    assert "\x1b" not in terminal.screen()
    assert terminal.picture().startswith(b"\x89PNG")
    await terminal.kill()


async def test_large_numbers_stand_on_the_screen_as_they_were_printed(box):
    terminal = await box.terminal(["echo", "2048 and 1234567"])
    await terminal.wait()
    assert terminal.screen() == "2048 and 1234567"
    await terminal.kill()


async def test_bytes_of_any_kind_do_no_harm(box):
    terminal = await box.terminal(["cat"])
    noise = random.Random(7)
    alphabet = b"\x1b[]()?;0123456789ABCDHJKLMPX@hlmnrsu\x07\x9b\xff aZ\n\r"
    for _ in range(300):
        terminal._on_piece(1, bytes(noise.choice(alphabet) for _ in range(200)))
    assert "\x1b" not in terminal.screen()
    assert terminal.picture()
    await terminal.kill()


def test_keys():
    assert keys.parse("left").terminal == "\x1b[D"
    assert keys.parse("Ctrl+C").terminal == "\x03"
    assert keys.parse("a").text == "a"
    assert keys.parse("+").keysym == "plus"
    assert keys.parse("F5").number == 116
    assert keys.parse("Shift+Tab").terminal == "\x1b[Z"
    assert (keys.parse("Space").text, keys.parse("Space").keysym) == (" ", "space")
    with pytest.raises(keys.UnknownKey, match="Nope"):
        keys.parse("Nope")
