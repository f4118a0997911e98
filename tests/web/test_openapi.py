"""Whatever the OpenAPI document allows, the server answers as the document says; and what it does not allow, too."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from agentverse.web.app import make_api
from agentverse.web.serve import Place, serving

LEFT_OUT = {
    ("GET", "/api/events"),  # does not end
    ("DELETE", "/api/session"),  # would end ours
    ("POST", "/api/session"),  # wrong passwords are answered slowly
    ("POST", "/api/models/serve"),  # may download a model
    ("GET", "/api/models"),  # looks at the whole machine, and takes no parameters
}
SCHEMA = schemathesis.openapi.from_dict(make_api().openapi())
load_all_checks()
WANTED = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
OPERATIONS = [
    operation
    for result in SCHEMA.get_all_operations()
    for operation in [result.ok()]
    if (operation.method.upper(), operation.path) not in LEFT_OUT
]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server in a thread; the link it printed."""
    opened: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        links: list[str] = []
        over = asyncio.Event()
        async with serving(Place(project=folder), announce=links.append):
            opened.set_result((links[-1], asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    link, loop, over = opened.result(timeout=30)
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, requests.Session]]:
    home = tmp_path_factory.mktemp("openapi")
    (home / "agentverse.toml").write_text("[serve]\nports = []\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AGENTVERSE_CONFIG_HOME", str(home / "config"))
        patch.setenv("AGENTVERSE_STATE_HOME", str(home / "state"))
        patch.chdir(home)
        with running(home) as link, requests.Session() as session:
            origin, _, query = link.rpartition("/")
            session.get(f"{origin}/{query}", allow_redirects=False)
            yield origin, session


CASES = [
    pytest.param(operation, mode, id=f"{operation.method} {operation.path} {mode.value}")
    for operation in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode == GenerationMode.POSITIVE or operation.query or operation.body or operation.path_parameters
]


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_answers_are_as_the_document_says(operation, mode, session: tuple[str, requests.Session]) -> None:
    origin, browser = session
    called = 0

    @seed(7)
    @settings(
        max_examples=3, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case) -> None:
        nonlocal called
        if isinstance(case.body, dict):
            case.body.pop("models", None)  # they may be anywhere
        response = case.call(base_url=origin, session=browser)
        called += 1
        case.validate_response(response, checks=WANTED)
        assert response.status_code not in (401, 403)

    check()
    assert called
