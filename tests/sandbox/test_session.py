"""Programs that go on in a box while others are run beside them."""

import asyncio
import time
import urllib.request

import pytest

from agentverse.sandbox.protocol import Limits, Mount

SERVER = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"from inside")
    def log_message(self, *words): pass
server = http.server.HTTPServer(("127.0.0.1", 8000), Page)
print("ready", flush=True)
server.serve_forever()
"""


async def test_a_warm_command_is_like_any_other(box):
    result = await box.warm(["python", "-c", "import sys; print(sys.stdin.read()); sys.exit(3)"])
    assert (result.exit_code, result.stdout, result.reason) == (3, b"\n", "exited")
    result = await box.warm(["sh", "-c", "kill -9 $$"])
    assert (result.signal, result.exit_code, result.reason) == (9, None, "killed")
    result = await box.warm(["nothing-like-this"])
    assert result.exit_code == 127
    assert b"nothing-like-this" in result.stderr


async def test_a_warm_command_runs_in_the_workspace_and_with_our_environment(box, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    await box.put({"a.txt": b"here"})
    assert (await box.warm(["cat", "a.txt"])).stdout == b"here"
    said = (await box.warm(["env"], env={"EXTRA": "1"})).stdout.decode()
    assert "secret" not in said
    assert "EXTRA=1" in said
    assert "HOME=/home/user" in said


async def test_warm_tests_report(box):
    await box.put({"test_a.py": b"def test_one():\n    assert 1\ndef test_two():\n    assert 0\n"})
    words = ["pytest", "-q", "-p", "agentverse_report", "-p", "no:cacheprovider", "--rootdir=."]
    for _ in range(2):
        result = await box.warm(words)
        assert result.exit_code == 1, result.stderr
        assert b'"id": "test_a.py::test_two"' in result.report
    await box.put({"test_a.py": b"def test_one():\n    assert 1\n"})
    assert (await box.warm(words)).exit_code == 0


async def test_a_time_limit_ends_a_warm_command_and_what_it_started(box):
    started = time.monotonic()
    result = await box.warm(["sh", "-c", "sleep 77 & sleep 77"], limits=Limits(wall=0.3))
    assert result.reason == "timeout"
    assert time.monotonic() - started < 5
    assert b"sleep" not in (await box.warm(["sh", "-c", "cat /proc/[0-9]*/comm"])).stdout.replace(b"sh\n", b"")


async def test_what_a_warm_command_leaves_behind_dies(box):
    await box.warm(["sh", "-c", "setsid sleep 77 >/dev/null 2>&1 & exit 0"])
    assert b"sleep" not in (await box.warm(["sh", "-c", "cat /proc/[0-9]*/comm"])).stdout


async def test_a_server_is_reached_from_inside_and_outside(box):
    await box.put({"server.py": SERVER.encode()})
    server = await box.spawn(["python", "server.py"], name="server")
    assert await server.until(b"ready", within=10)
    stream = await box.connect(8000)
    await stream.write(b"GET / HTTP/1.0\r\n\r\n")
    answer = b""
    while piece := await stream.read():
        answer += piece
    assert answer.endswith(b"from inside")
    url = await box.publish(8000)
    assert url.startswith("http://127.0.0.1:")

    def fetch():
        with urllib.request.urlopen(url) as reply:
            return reply.read()

    assert await asyncio.gather(*(asyncio.to_thread(fetch) for _ in range(8))) == [b"from inside"] * 8
    await server.kill()
    assert server.over
    with pytest.raises(ConnectionError):
        await box.connect(8000)


async def test_nothing_listens(box):
    with pytest.raises(ConnectionError, match="refused"):
        await box.connect(9)


async def test_a_program_is_told_and_says(box):
    program = await box.spawn(["python", "-u", "-c", "while True: print(input().upper())"], name="echo")
    await program.write(b"hello\n")
    assert await program.until(b"HELLO\n", within=10)
    assert program.printed() == b"HELLO\n"
    await box.close()
    assert (await program.wait()).reason == "sandbox_lost" or program.over


async def test_a_session_that_is_killed_from_inside_is_replaced(box):
    result = await box.warm(["python", "-c", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"])
    assert result.reason == "sandbox_lost"
    assert (await box.warm(["echo", "again"])).stdout == b"again\n"


async def test_output_without_end_is_stopped(box):
    result = await box.warm(["yes"], limits=Limits(wall=20, output=4096))
    assert result.reason == "output"
    assert len(result.stdout) < 8192


async def test_a_folder_shown_to_a_session(box, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "a").write_text("shown")
    program = await box.spawn(["cat", "/opt/x/a"], name="cat", mounts=[Mount(tmp_path, "/opt/x")])
    result = await program.wait()
    assert result.stdout == b"shown"


async def test_held_files_cannot_be_changed(box):
    await box.put({"tests/test_a.py": b"1", "test_b.py": b"2", "main.py": b"3"})
    source = """
import os
for path in ("tests/test_a.py", "test_b.py", "tests/new.py", "main.py"):
    try:
        open(path, "w").write("x"); print("written", path)
    except OSError: pass
for path in ("test_b.py", "tests"):
    try:
        os.rename(path, "gone"); print("moved", path)
    except OSError: pass
"""
    result = await box.exec(["python", "-c", source], held=["tests", "test_b.py"])
    assert result.stdout == b"written main.py\n"
    assert await box.get("test_b.py") == b"2"


async def test_other_backends_hold_sessions_too(other_box):
    result = await other_box.warm(["python", "-c", "print(6 * 7)"])
    assert result.stdout == b"42\n", result
    assert (await other_box.warm(["echo", "a"])).stdout == b"a\n"


async def test_programs_in_the_box_reach_a_handler_of_the_host(box):
    heard = []

    async def serve(stream):
        heard.append(await stream.read())
        await stream.write(b"answer " * 300_000)

    await box.listen(3128, serve)
    source = (
        "import socket\ns = socket.create_connection(('127.0.0.1', 3128)); s.sendall(b'ask')\n"
        "n = 0\nwhile piece := s.recv(65536): n += len(piece)\nprint(n)"
    )
    results = await asyncio.gather(*(box.warm(["python", "-c", source]) for _ in range(3)))
    assert [result.stdout for result in results] == [b"2100000\n"] * 3
    assert heard == [b"ask"] * 3
    with pytest.raises(ConnectionError, match="in use"):
        await box.listen(3128, serve)


async def test_what_a_slow_reader_does_not_take_waits_in_the_host(box):
    sent = 0

    async def serve(stream):
        nonlocal sent
        while True:
            await stream.write(bytes(1 << 16))
            sent += 1 << 16

    await box.listen(3128, serve)
    source = "import socket, time\ns = socket.create_connection(('127.0.0.1', 3128)); s.recv(1); print(1, flush=True)"
    reader = await box.spawn(["python", "-c", f"{source}\ntime.sleep(77)"], name="reader")
    assert await reader.until(b"1", within=10)
    before = -1
    while before != sent:
        before = sent
        await box.warm(["true"])
    assert sent < 16 << 20
    await reader.kill()


async def test_a_program_that_floods_its_handler_is_heard_no_more(box):
    said, over = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def serve(stream):
        await said.wait()
        total = 0
        while piece := await stream.read():
            total += len(piece)
        over.set_result(total)

    await box.listen(3128, serve)
    source = (
        "import socket\ns = socket.create_connection(('127.0.0.1', 3128))\nfor _ in range(8): s.sendall(bytes(1 << 20))"
    )
    await box.warm(["python", "-c", source])
    said.set()
    assert 0 < await over < 2 << 20
