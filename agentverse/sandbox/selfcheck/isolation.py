"""What a program must not reach, see, change or use up."""

from __future__ import annotations

import asyncio
import os

from agentverse.errors import AgentverseError
from agentverse.sandbox.protocol import Limits, Mount, Sandbox
from agentverse.sandbox.selfcheck.suite import Broken, check, host_folder, must, python


@check("links are not followed out of the workspace")
async def _links(box: Sandbox) -> None:
    await python(box, "import os; os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'folder'); os.mkfifo('pipe')")
    for path in ("link", "folder/passwd", "pipe", "../etc/passwd", "/etc/passwd"):
        try:
            content = await box.get(path)
        except (AgentverseError, OSError):
            continue
        raise Broken(f"{path} was read: {content[:20]!r}")
    must(await box.export() == {}, "a link was exported")


@check("nothing outside the workspace and the temporary folders can be written")
async def _read_only(box: Sandbox) -> None:
    places = ["/", "/usr", "/etc", "/opt", "/usr/lib", "/dev", "/proc/sys/kernel"]
    source = f"""
import os
for place in {places!r}:
    try:
        open(os.path.join(place, "written"), "w").close()
        print(place)
    except OSError:
        pass
"""
    must(not (written := await python(box, source)), f"these could be: {written}")


@check("files of the host cannot be read")
async def _hidden(box: Sandbox) -> None:
    with host_folder("secret") as folder:
        for path in (f"{folder}/secret", __file__, "/etc/shadow", f"/proc/{os.getpid()}/environ"):
            result = await box.exec(["cat", path])
            must(not result.ok or not result.stdout, f"{path} was read")


@check("the environment holds nothing of the host's")
async def _environment(box: Sandbox) -> None:
    source = """
import os
print(dict(os.environ))
try:
    print(open("/proc/1/environ", "rb").read())
except OSError:
    pass
"""
    seen = await python(box, source)
    for name, value in os.environ.items():
        shared = {"LANG", "TERM", "TZ", "HOME", "USER", "LOGNAME", "PATH", "PWD"} | {"PYTHONPATH", "TMPDIR"}
        long = len(value) > 8 and value in seen
        must(name in shared or name.startswith("PYTHON") or not long, f"{name} is visible")


@check("servers of the host cannot be reached", aspect="host's servers")
async def _network(box: Sandbox) -> None:
    met: list[str] = []
    server = await asyncio.start_server(lambda _reader, writer: (met.append("met"), writer.close())[1], "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        source = f"""
import socket
try:
    socket.create_connection(("127.0.0.1", {port}), 2)
except OSError:
    print("no")
"""
        said = await python(box, source)
    must(not met and said == "no", "a program reached a server of the host")


@check("a program reaches a server of its own", aspect="own servers")
async def _own_server(box: Sandbox) -> None:
    source = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    must(await python(box, source) == "", "it said something")


@check("a program that takes too much memory is stopped")
async def _memory(box: Sandbox) -> None:
    limits = Limits(wall=15.0, memory=256 << 20)
    result = await box.exec(["python", "-c", "x = b'x' * (1 << 30); print('kept')"], limits=limits)
    must(not result.ok and b"kept" not in result.stdout, "it could have a gigabyte")


@check("a workspace cannot grow past its limit", aspect="disk")
async def _disk(box: Sandbox) -> None:
    source = "for n in range(100):\n with open(f'big{n}', 'wb') as file: file.write(bytes(16 << 20))"
    result = await box.exec(["python", "-c", source])
    must(not result.ok, "it could have 1,600 megabytes")


@check("folders shown are read-only", aspect="folders shown")
async def _mounts(box: Sandbox) -> None:
    with host_folder("given") as folder:
        mounts = [Mount(folder, "/shown")]
        result = await box.exec(["cat", "/shown/given"], mounts=mounts)
        must(result.stdout == b"given", f"it cannot be read: {result.stderr!r}")
        await box.exec(["sh", "-c", "echo x > /shown/given; echo x > /shown/more; rm /shown/given"], mounts=mounts)
        result = await box.exec(["sh", "-c", "cd /shown; ls; cat given"], mounts=mounts)
        must(result.stdout == b"given\ngiven", "it was written to")


@check("files held read-only cannot be changed, nor the folders they lie in exchanged", aspect="held files")
async def _held(box: Sandbox) -> None:
    await box.put({"kept/held": b"as it was"})
    source = "echo x > kept/held; mv kept gone; mkdir kept; echo x > kept/held; cat kept/held"
    result = await box.exec(["sh", "-c", source], held=["kept/held"])
    must(result.stdout == b"as it was" and await box.get("kept/held") == b"as it was", "it was changed")
