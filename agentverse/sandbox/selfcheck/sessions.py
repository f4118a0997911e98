"""What goes on while commands come and go."""

from __future__ import annotations

from agentverse.sandbox.protocol import Sandbox, Stream
from agentverse.sandbox.selfcheck.suite import check, must

SOON = 15.0
SERVER = """
import socket
server = socket.create_server(("127.0.0.1", 8000))
print("ready", flush=True)
while True:
    connection = server.accept()[0]
    connection.sendall(b"got " + connection.recv(100))
    connection.close()
"""


@check("a program that goes on is told, says, and can be killed", aspect="sessions")
async def _spawn(box: Sandbox) -> None:
    program = await box.spawn(["python", "-u", "-c", "while True: print(input().upper())"], name="echo")
    await program.write(b"hello\n")
    must(await program.until(b"HELLO\n", within=SOON), f"it said {program.printed()[-200:]!r}")
    beside = await box.warm(["echo", "beside it"])
    must(beside.stdout == b"beside it\n", "no command runs beside it")
    await program.kill()
    must(program.over, "it goes on")


@check("a server in a session can be reached from outside", aspect="own servers")
async def _connect(box: Sandbox) -> None:
    server = await box.spawn(["python", "-c", SERVER], name="server")
    must(await server.until(b"ready", within=SOON), f"it does not listen: {server.printed()[-200:]!r}")
    connection = await box.connect(8000)
    await connection.write(b"this")
    answer = b""
    while piece := await connection.read():
        answer += piece
    must(answer == b"got this", f"it answered {answer!r}")


@check("a program on a terminal has its screen, its size and its keys", aspect="terminals")
async def _terminal(box: Sandbox) -> None:
    source = "import os; print(*os.get_terminal_size()); print('typed', input())"
    terminal = await box.terminal(["python", "-c", source], columns=70, rows=20)
    await terminal.send("this\r")
    await terminal.wait()
    shown = terminal.screen()
    must("70 20" in shown and "typed this" in shown, f"it shows {shown[-200:]!r}")


@check("a session killed from inside is replaced", aspect="sessions")
async def _replaced(box: Sandbox) -> None:
    killed = await box.warm(["python", "-c", "import os; os.kill(os.getppid(), 9)"])
    must(killed.reason != "exited", "it was told as if nothing had happened")
    again = await box.warm(["echo", "again"])
    must(again.stdout == b"again\n", f"there is no other: {again.reason}")


@check("a handler of the host is reached from inside", aspect="own servers")
async def _handler(box: Sandbox) -> None:
    async def serve(stream: Stream) -> None:
        await stream.write(await stream.read())

    await box.listen(3128, serve)
    source = "import socket; s = socket.create_connection(('127.0.0.1', 3128)); s.sendall(b'echo'); print(s.recv(9))"
    result = await box.warm(["python", "-c", source])
    must(result.stdout == b"b'echo'\n", f"it said {result.stdout!r} {result.stderr!r}")
