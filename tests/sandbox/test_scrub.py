"""What is taken out of text, and what must stay."""

import pytest

from agentverse.sandbox import scrub


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "text link"),
        (b"\x1b]52;c;never ended", ""),
        (b"a\x00b\x08c\x7f", "abc"),
        (b"one\r\ntwo\rthree\ttab", "one\ntwo\nthree\ttab"),
        (b"\xff\xfe broken", "�� broken"),
        ("left\u202eright \ud83d\ude00".encode("utf-8", "surrogatepass"), None),
        (b"<Foo object at 0x7f3a5c1d2e80>", "<Foo object at 0x…>"),
        (b"colour 0xff8800 and at 0xAB", "colour 0xff8800 and at 0x…"),
        (b'File "/work/pkg/a.py", line 1', 'File "pkg/a.py", line 1'),
        (b"rootdir: /work\n", "rootdir: .\n"),
        (b"/home/work/x /workshop /work.txt see/work/y", "/home/work/x /workshop /work.txt see/work/y"),
        (b'File "/root/.pyenv/versions/3.11.7/lib/python3.11/json/decoder.py"', 'File "python3.11/json/decoder.py"'),
        (b"/opt/agentverse/lib/_pytest/main.py:3", "_pytest/main.py:3"),
        ("温度 ✓ café".encode(), "温度 ✓ café"),
    ],
)
def test_text(before, after):
    cleaned = scrub.text(before)
    if after is None:
        assert "\u202e" not in cleaned
        assert cleaned.encode()
    else:
        assert cleaned == after


def test_durations_of_a_session_are_taken_out():
    assert scrub.without_times("3 failed, 2 passed in 0.05s") == "3 failed, 2 passed in …s"
    assert scrub.without_times("== 1 passed in 61.20s (0:01:01) ==") == "== 1 passed in …s =="


def test_hostile_text_takes_no_time():
    for piece in (b"\x1b", b"\x1b]", b"\x1b[", b"/work", b"/x", b"0x", b"\x1bP", b"at 0x1"):
        assert len(scrub.text(piece * 100_000)) <= len(piece) * 100_000
