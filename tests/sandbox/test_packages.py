"""Packages of a real index on this machine, installed by the real uv in the real box, and shown to a product."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentverse.errors import Unsupplied
from agentverse.sandbox.packages import supplier as supplying
from agentverse.sandbox.packages.index import PORT, Index
from agentverse.sandbox.packages.policy import PackagePolicy
from agentverse.sandbox.packages.shelf import DAY, FILES, LAYERS, NOTES
from agentverse.sandbox.packages.source import Source, find_source
from agentverse.sandbox.packages.supplier import Supplier, provision
from agentverse.sandbox.packages.upstream import Upstream
from agentverse.sandbox.unsafe import Unsafe

GREETS = {"greets/__init__.py": "from manners import polite\ndef greet(name):\n    return polite(f'hello {name}')\n"}
MANNERS = {"manners.py": "def polite(text):\n    return text.capitalize()\n"}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def supplier(backend, cache: Path, package_index) -> Supplier:
    return Supplier(backend, PackagePolicy(index=package_index.url), cache=cache)


async def failure(supplier: Supplier, *requirements: str) -> Unsupplied:
    with pytest.raises(Unsupplied) as caught:
        await supplier.layer(requirements)
    return caught.value


def layers(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "packages" / LAYERS).glob("*"))


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


async def test_a_product_imports_what_it_asked_for_and_what_that_needs(supplier, box, package_index):
    package_index.add("greets", GREETS, needs=["manners>=1"])
    package_index.add("manners", MANNERS, version="1.0")
    package_index.add("manners", {"manners.py": "def polite(text):\n    return f'{text}, please'\n"}, version="2.0")
    layer = await supplier.layer(["greets", "manners<2"])
    assert layer.pins == ("greets==1.0", "manners==1.0")
    assert layer.modules == {"greets", "manners"}
    given = provision(layer)
    source = b"import greets\nprint(greets.greet('you'))\nopen('/opt/layer/x', 'w')"
    await box.put(
        {
            "main.py": source,
            "test_it.py": b"from greets import greet\ndef test_it():\n    assert greet('a') == 'Hello a'\n",
        }
    )
    result = await box.exec(["python", "main.py"], mounts=given.mounts, env=given.env)
    assert result.stdout == b"Hello you\n"
    assert b"Read-only file system" in result.stderr
    for run in (box.exec, box.warm):
        result = await run(["pytest", "-q"], mounts=given.mounts, env=given.env)
        assert result.exit_code == 0, result.stdout


async def test_a_layer_on_the_shelf_needs_no_process_and_no_index(supplier, backend, cache, package_index, monkeypatch):
    package_index.add("manners", MANNERS)
    made = await supplier.layer(["manners"])
    package_index.close()
    monkeypatch.setattr(subprocess, "Popen", None)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)
    again = Supplier(backend, PackagePolicy(index=package_index.url), cache=cache)
    assert await again.layer(["manners"]) == made
    assert await again.layer(["manners==1.0"], pinned=True) == made


async def test_extras_are_in_the_versions_that_a_run_keeps(supplier, package_index):
    package_index.add("greets", GREETS, needs=["manners ; extra == 'loud'"])
    package_index.add("manners", MANNERS)
    layer = await supplier.layer(["greets[loud]"])
    assert {pin.replace("[loud]", "") for pin in layer.pins} == {"greets==1.0", "manners==1.0"}
    assert await supplier.layer(layer.pins, pinned=True) == layer


async def test_bytecode_is_made_once_and_counts(supplier, box, package_index):
    package_index.add("manners", MANNERS)
    given = provision(await supplier.layer(["manners"]))
    source = "import importlib.util, manners; print(open(manners.__cached__, 'rb').read()[4])"
    result = await box.exec(["python", "-v", "-c", source], mounts=given.mounts, env=given.env)
    assert result.stdout == b"1\n", "it is checked by nothing, neither time nor hash"
    assert b"matches /opt/layer/manners.py" in result.stderr


async def test_what_runs_unasked_is_not_in_a_layer(supplier, package_index):
    files = {
        "manners.py": "", "evil.pth": "import os", "inner/evil.pth": "import os", "inner/__init__.py": "",
        "sitecustomize.py": "", "usercustomize.py": "", "json.py": "", "random/__init__.py": "", "pytest.py": "",
        "agentverse_report.py": "", "conftest/keep.py": "",
    }  # fmt: skip
    package_index.add("manners", files, scripts="greet=manners:run")
    layer = await supplier.layer(["manners"])
    kept = {path for path in below(layer.folder) if "dist-info" not in path and "__pycache__" not in path}
    assert kept == {"manners.py", "inner/__init__.py", "conftest/keep.py"}
    assert layer.modules == {"manners", "inner", "conftest"}


async def test_a_layer_is_readable_by_all_and_writable_by_nobody(supplier, package_index):
    package_index.add("greets", GREETS | {"greets/data.bin": b"\0"})
    package_index.add("manners", MANNERS)
    layer = await supplier.layer(["greets"])
    modes = {oct(path.lstat().st_mode) for path in (layer.folder, *layer.folder.rglob("*"))}
    assert modes == {"0o40555", "0o100444"}


WHEEL, SOURCE, OTHER = "manners-1.0-py3-none-any.whl", "manners-1.0.tar.gz", "manners-1.0-cp27-none-any.whl"
WRONG = {
    "another file than listed": (lambda index: index.add("manners", MANNERS, sha256="0" * 64), "sha256 is another", 1),
    "too large": (lambda index: index.add("manners", {"big": os.urandom(3 << 20)}), "is larger than 2 MiB", 0),
    "source only": (lambda index: index.offer("manners", SOURCE, b"x"), "source only, and building it would run", 0),
    "for another Python": (lambda index: other(index), "has no wheels with a matching Python", 0),
    "not there": (lambda index: None, "there is no package 'manners'", 0),
    "in conflict": (lambda index: index.add("manners", MANNERS, needs=["manners>2"]), "do not go together: Because", 0),
    "a file elsewhere": (lambda index: leads(index, "/files/manners/" + WHEEL), "leads elsewhere, to 127.0.0.2", 0),
    "a page elsewhere": (lambda index: leads(index, "/simple/manners/"), "leads elsewhere, to 127.0.0.2", 0),
    "a circle": (lambda index: leads(index, "/simple/manners/", "/simple/manners/"), "leads in a circle", 0),
}


def other(index) -> None:
    index.offer("manners", OTHER, index.add("other", MANNERS).content)


def leads(index, path: str, to: str = "http://127.0.0.2:1/x") -> None:
    index.add("manners", MANNERS)
    index.elsewhere[path] = to


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_has_a_name_and_leaves_nothing(name, supplier, cache, package_index, monkeypatch):
    monkeypatch.setattr(supplying, "LARGEST_FILE", 2 << 20)
    make, why, stops = WRONG[name]
    make(package_index)
    problem = await failure(supplier, "manners")
    assert why in str(problem)
    assert problem.stops == bool(stops)
    assert layers(cache) == []


async def test_a_file_cannot_leave_its_folder(supplier, cache, package_index):
    package_index.add("manners", {"../../escaped.py": "", "/tmp/escaped.py": "", **MANNERS})
    layer = await supplier.layer(["manners"])
    assert "manners.py" in below(layer.folder)
    assert [path for path in below(cache.parent) if "escaped" in path] == []


async def test_a_name_that_is_nearly_another_is_told(supplier, package_index):
    problem = await failure(supplier, "falsk")
    assert (str(problem), problem.fix) == ("there is no package 'falsk' on the index", "Did you mean 'flask'?")


async def test_an_index_that_is_gone_stops_the_run_unless_older_versions_are_there(supplier, cache, package_index):
    package_index.add("manners", MANNERS)
    made = await supplier.layer(["manners"])
    package_index.close()
    problem = await failure(supplier, "greets")
    assert problem.stops
    assert re.search(r"the packages could not be got: http://127.0.0.1:\d+/simple does not answer", str(problem))
    for note in (cache / "packages" / NOTES).iterdir():
        os.utime(note, (0, time.time() - 30 * DAY))
    assert await supplier.layer(["manners"]) == made


async def test_files_of_the_last_days_are_not_taken_where_the_index_says_when(backend, cache, package_index):
    package_index.json = True
    old, new = (str(datetime.now(UTC) - timedelta(days=days)) for days in (9, 1))
    package_index.add("manners", MANNERS, **{"upload-time": old})
    package_index.add("manners", MANNERS, version="2.0", **{"upload-time": new})
    package_index.add("greets", GREETS, **{"upload-time": new})
    careful = Supplier(backend, PackagePolicy(index=package_index.url), cache=cache)
    assert (await careful.layer(["manners"])).pins == ("manners==1.0",)
    assert "packages.newest_days keeps out" in str(await failure(careful, "greets"))
    hasty = Supplier(backend, PackagePolicy(index=package_index.url, newest_days=0), cache=cache / "hasty")
    assert (await hasty.layer(["manners"])).pins == ("manners==2.0",)


async def test_two_at_once_make_a_layer_once(backend, cache, package_index):
    package_index.add("manners", MANNERS)
    policy = PackagePolicy(index=package_index.url)
    made = await asyncio.gather(*(Supplier(backend, policy, cache=cache).layer(["manners"]) for _ in range(2)))
    assert made[0] == made[1]
    assert package_index.asked.count("/simple/manners/") == 1
    assert len(layers(cache)) == 1


async def test_a_process_that_is_killed_leaves_no_half_layer(supplier, cache, package_index):
    package_index.add("manners", MANNERS)
    half, go_on = threading.Event(), threading.Event()

    def wait(path: str) -> None:
        if path.endswith(".whl"):
            half.set()
            go_on.wait(30)

    package_index.before = wait
    program = Path(__file__).with_name("programs") / "make_a_layer.py"
    killed = await asyncio.create_subprocess_exec(sys.executable, program, package_index.url, cache)
    assert await asyncio.to_thread(half.wait, 30)
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    go_on.set()
    assert [name for name in layers(cache) if not name.startswith("making-")] == []
    layer = await supplier.layer(["manners"])
    assert "manners.py" in below(layer.folder)
    assert layers(cache) == [layer.folder.parent.name]


async def test_without_uv_the_fix_is_named(supplier, monkeypatch):
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "/nowhere")
    problem = await failure(supplier, "manners")
    assert (problem.fix, problem.stops) == ("pip install uv", True)


async def test_a_sandbox_that_shows_no_folders_is_given_no_packages(landlock, cache):
    for weak in (landlock, Unsafe()):
        problem = await failure(Supplier(weak, PackagePolicy(), cache=cache), "manners")
        assert "cannot show a product packages" in str(problem)
        assert "bubblewrap" in str(problem.fix)


ASKS = """
import http.client, sys
for method, path in [line.split() for line in sys.stdin]:
    asked = http.client.HTTPConnection("127.0.0.1", 3128)
    asked.request(method, path)
    print(asked.getresponse().status)
"""


async def test_the_index_in_the_box_gives_only_pages_and_the_files_on_them(box, cache, package_index):
    offered = package_index.add("manners", MANNERS)
    known, unknown = f"/files/{offered.sha256}/{WHEEL}", f"/files/{'0' * 64}/{WHEEL}"
    asked = {
        f"GET {known}": 403, "GET /simple/manners/": 200, f"GET {known}#": 200, f"GET {known}.metadata": 200,
        f"GET {unknown}": 403, "GET /simple/": 403, "GET /simple/../files/": 403, "GET /simple/Manners/": 403,
        "GET /simple/nothing/": 404, "GET http://127.0.0.1:1/simple/manners/": 403, "POST /simple/manners/": 405,
        "PUT /legacy/": 405, "CONNECT 127.0.0.1:1": 405, "HEAD /simple/manners/": 405,
    }  # fmt: skip
    async with Upstream(Source(package_index.url), newest_days=0, largest=1 << 20) as upstream:
        await box.listen(PORT, Index(upstream, cache).serve)
        await box.put({"ask.py": ASKS.encode(), "lines": "\n".join(asked).replace("#", "").encode()})
        result = await box.warm(["sh", "-c", "python ask.py < lines"])
    assert result.stdout.split() == [str(status).encode() for status in asked.values()]


async def test_a_kept_file_that_was_changed_is_fetched_again(supplier, cache, package_index):
    offered = package_index.add("manners", MANNERS)
    package_index.add("greets", GREETS, needs=["manners"])
    await supplier.layer(["manners"])
    (kept,) = [path for path in (cache / "packages" / FILES).iterdir() if path.name == offered.sha256]
    kept.write_bytes(b"changed")
    await supplier.layer(["greets"])
    assert package_index.asked.count(f"/files/manners/{WHEEL}") == 2
    assert kept.read_bytes() == offered.content


async def test_the_index_is_the_one_that_was_set_or_that_uv_and_pip_would_use(tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = http://pip.test/simple\ncert = /pip/cert\n")
    env = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": str(config)}
    assert await find_source("", env=env) == Source("http://pip.test/simple", "/pip/cert")
    env |= {"PIP_INDEX_URL": "http://variable.test/simple/"}
    assert await find_source("", env=env) == Source("http://variable.test/simple")
    env |= {"UV_DEFAULT_INDEX": "mine=https://uv.test/simple", "SSL_CERT_FILE": "/own"}
    assert await find_source("", env=env) == Source("https://uv.test/simple", "/own")
    assert await find_source("http://me:secret@set.test/s", env=env) == Source("http://me:secret@set.test/s", "/own")
    assert Source("http://me:secret@set.test/s").shown == "http://set.test/s"
    config.write_text("[global]\nindex-url = file:///srv/simple\n")
    found = await find_source("", env={"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": str(config)})
    assert found.url.startswith("https://"), "pip's own default"


@pytest.mark.container
async def test_a_container_is_given_packages_too(container, cache, package_index):
    package_index.add("manners", MANNERS)
    layer = await Supplier(container, PackagePolicy(index=package_index.url), cache=cache).layer(["manners"])
    given = provision(layer)
    async with container.open() as box:
        source = "import manners; print(manners.polite('hello'))"
        result = await box.exec(["python", "-c", source], mounts=given.mounts, env=given.env)
    assert result.stdout == b"Hello\n", result.stderr
