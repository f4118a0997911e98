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


WORDS = ["pytest", "-q", "-p", "agentverse_report", "-p", "no:cacheprovider", "--rootdir=."]
TESTS = b"import os, sys\ndef test_one(): assert os.environ.get('EXTRA', '') == '' and 'main' not in sys.modules\n"
STRICT = b"[pytest]\npython_files = check_*.py\n"


async def test_what_waits_for_tests_changes_nothing_about_them(box):
    """After the first run a process waits that has read its options; files that change what they mean come later."""

    async def ran(**more) -> tuple[int | None, int]:
        result = await box.warm(WORDS, **more)
        return result.exit_code, result.report.count(b'"when": "call"')

    await box.put({"test_a.py": TESTS})
    assert [await ran(), await ran()] == [(0, 1), (0, 1)]
    await box.put({"pytest.ini": STRICT, "check_a.py": TESTS + TESTS.replace(b"one", b"two")})
    assert await ran() == (0, 2)
    await box.reset({"test_a.py": TESTS})
    assert [await ran(), await ran()] == [(0, 1), (0, 1)]
    await box.put({"conftest.py": b"def pytest_ignore_collect(): return True\n"})
    assert await ran() == (5, 0)
    await box.reset({"test_a.py": TESTS})
    assert [await ran(), await ran(env={"EXTRA": "1"}), await ran()] == [(0, 1), (1, 1), (0, 1)]
    assert (await ran(limits=Limits(wall=20, nofile=3)))[0] != 0, "its limits are those of the run"
    assert (await box.warm([*WORDS, "test_a.py"])).exit_code == 0


KILL = """
import os
others = {int(name) for name in os.listdir("/proc") if name.isdigit()} - {1, 2, os.getpid(), os.getppid()}
for other in others:
    os.kill(other, 9)
while any(os.path.exists(f"/proc/{n}") and " Z " not in open(f"/proc/{n}/stat").read() for n in others): pass
"""


async def test_a_process_that_waits_may_be_killed(box):
    await box.put({"test_a.py": TESTS})
    for _ in range(3):
        assert (await box.warm(WORDS)).exit_code == 0
        await box.warm(["python", "-c", KILL])


LITTER = """
import os, subprocess, sys
for folder in (".", "/tmp", os.environ["HOME"], os.environ["TMPDIR"], "/dev/shm"):
    try:
        os.makedirs(f"{folder}/deep/er", exist_ok=True)
        open(f"{folder}/deep/er/file", "w").write("x")
        os.symlink("/etc", f"{folder}/link")
        os.mkfifo(f"{folder}/pipe")
        os.chmod(f"{folder}/deep", 0)
    except OSError as error: print(error)
again = "import time\\nwhile True: time.sleep(.01); open('again', 'w')"
subprocess.Popen([sys.executable, "-c", again], start_new_session=True)
"""
LOOK = "import os; print([os.listdir(d) for d in ('.', '/tmp', os.environ['HOME'], os.environ['TMPDIR'], '/dev/shm')])"


async def test_a_renewed_box_holds_the_new_files_and_nothing_else(box):
    await box.put({"old.txt": b"old"})
    await box.warm(["python", "-c", LITTER])
    server = await box.spawn(["sleep", "77"], name="server")
    session = await box.session()
    await box.renew({"new.txt": b"new"})
    assert server.over
    assert (await box.warm(["python", "-c", LOOK])).stdout == b"[['new.txt'], [], [], [], []]\n"
    assert await box.session() is session
    assert b"sleep" not in (await box.warm(["sh", "-c", "cat /proc/[0-9]*/comm"])).stdout


async def test_tests_wait_through_a_renewal(box):
    for number in range(3):
        await box.renew({"test_a.py": TESTS.replace(b"one", b"n%d" % number)})
        result = await box.warm(WORDS)
        assert result.exit_code == 0
        assert b"test_a.py::test_n%d" % number in result.report


async def test_a_session_that_cannot_be_cleaned_is_replaced(box, monkeypatch):
    monkeypatch.setattr("agentverse.sandbox.live.session.CLEANING", 0.5)
    await box.warm(["python", "-c", "import os, signal; os.kill(os.getppid(), signal.SIGSTOP)"], limits=Limits(wall=1))
    await box.renew({"new.txt": b"new"})
    assert (await box.warm(["ls"])).stdout == b"new.txt\n"


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
    await other_box.put({"old.txt": b"old"})
    await other_box.renew({"new.txt": b"new"})
    assert (await other_box.warm(["ls"])).stdout == b"new.txt\n"


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
