"""docs/api.md: its routes are the ones there are, and its examples work as they stand."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

from agentverse.web.app import make_api
from tests.web.conftest import Model, Office

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith("curl")
]


def test_every_route_is_described_and_every_description_is_of_a_route() -> None:
    there = {
        (method.upper(), path) for path, operations in make_api().openapi()["paths"].items() for method in operations
    }
    said = set(re.findall(r"^\|? ?`(GET|POST|PUT|DELETE) (/api/[^`?]*)", PAGE, re.MULTILINE))
    assert said - {("GET", "/api/openapi.json")} == there


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for path in make_api().openapi()["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


async def test_the_examples_work_in_their_order(office: Office, model: Model, tmp_path: Path) -> None:
    release = model.hold("code#1/-/1")
    token = office.links[-1].partition("token=")[2]
    assert len(EXAMPLES) >= 10
    for line in EXAMPLES:
        process = await asyncio.create_subprocess_shell(
            line,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "URL": office.origin, "TOKEN": token},
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, line
        if "/pause" in line:
            release.set()
        if "/events" in line:
            assert said.startswith(b"retry: 500\n\nevent: hello\n"), line
            assert b'"type":"run.ended"' in said
        elif " -o " not in line:
            assert "error" not in json.loads(said), (line, said)
    assert (tmp_path / "product.zip").read_bytes().startswith(b"PK")
    assert (tmp_path / "replay.html").read_text(encoding="utf-8").startswith("<!doctype html>")
