"""Give files names that break what reads them: escapes, newlines, long ones, other bytes, look-alikes, Windows."""

import contextlib
import os

long = b"n" * 255
names = [
    b"new\nline.py", b"carriage\rreturn.py", b"\x1b]0;title\x07.py", b"\x1b[2Jclear.py", b"bell\x07.py", b"del\x7f.py",
    b"back\\slash.py", b"..\\..\\up.py", b"C:drive.py", b"CON", b"nul.txt", b"trailing.", b"trailing ", b" leading",
    b"a:b.py", b"-rf", b"--help", b"~", b"$HOME", b"`id`", b"*", b"\xff\xfe.py", b"\xc0\xaf.py", b"\xed\xa0\x80.py",
    "p\u0430yload.py".encode(), "\u202etxt.py".encode(), "cafe\u0301.py".encode(), "caf\u00e9.py".encode(), long,
    b"...", b".. ", b"..py", "\u2025".encode(), "\uff0e\uff0e".encode(), b"%2e%2e", b"\xc2\x9b31m.py",
]  # fmt: skip
for name in names:
    with contextlib.suppress(OSError), open(name, "w") as file:
        file.write("fine")
for folder in (b"...", b"fo\nlder", b"d\x1b[31m"):
    os.makedirs(folder + b"/in", exist_ok=True) if not os.path.exists(folder) else None
    with contextlib.suppress(OSError), open(folder + b"/in/file", "w") as file:
        file.write("fine")
print("TRIED")
