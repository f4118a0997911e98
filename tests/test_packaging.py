"""What a wheel holds, and that what lies in it is found where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

import agentverse
from tests.conftest import page_of

CHECKOUT = Path(__file__).parents[1]
SHIPPED = ("companies", "environments", "languages", "roles", "recordings")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page_of(CHECKOUT)
    [path] = WheelBuilder(str(CHECKOUT)).build(directory=str(tmp_path_factory.mktemp("wheel")))
    return Path(path)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, as in site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files_below(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def away(installed: Path, folder: Path, *arguments: str) -> str:
    """The output of a Python that has the installed files and not the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


def test_all_of_the_package_is_in_the_wheel_and_nothing_else(installed: Path) -> None:
    metadata = f"agentverse-{agentverse.__version__}.dist-info"
    assert {path.name for path in installed.iterdir()} == {"agentverse", metadata}
    inside = {name for name in files_below(installed / "agentverse") if not name.startswith("shipped/")}
    assert inside == files_below(CHECKOUT / "agentverse")
    assert {"py.typed", "sandbox/inside/agentverse_report.py", "sandbox/inside/etc/passwd"} <= inside


@pytest.mark.parametrize("kind", SHIPPED)
def test_shipped_files_are_in_the_wheel(installed: Path, kind: str) -> None:
    shipped, source = installed / "agentverse" / "shipped" / kind, CHECKOUT / kind
    assert files_below(shipped) == files_below(source) != set()
    assert all((shipped / name).read_bytes() == (source / name).read_bytes() for name in files_below(source))


def test_metadata(installed: Path) -> None:
    [metadata] = installed.glob("*.dist-info/METADATA")
    fields = message_from_bytes(metadata.read_bytes())
    assert fields["Version"] == agentverse.__version__
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields["Description-Content-Type"] == "text/markdown"
    assert (metadata.parent / "licenses" / "LICENSE").read_bytes() == (CHECKOUT / "LICENSE").read_bytes()
    assert "agentverse = agentverse.__main__:main" in (metadata.parent / "entry_points.txt").read_text()


def test_installed_files_are_found_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    code = """if True:
        import json
        import agentverse
        from agentverse.blueprint.load import Library
        from agentverse.demos import demos
        library = Library.default()
        kinds = {kind: [s.name for s in library.names(kind)] for kind in ("company", "environment", "language", "role")}
        for name in kinds["company"]:
            library.company(name)
        library.languages()
        print(json.dumps({"home": agentverse.__file__, "demos": [demo.name for demo in demos()], **kinds}))
    """
    said = json.loads(away(installed, tmp_path, "-W", "error", "-c", code))
    assert said["home"] == str(installed / "agentverse" / "__init__.py")
    for kind, folder in zip(("company", "environment", "language", "role"), SHIPPED[:4], strict=True):
        assert set(said[kind]) == {path.stem for path in (CHECKOUT / folder).iterdir()}
    assert set(said["demos"]) == {path.stem for path in (CHECKOUT / "agentverse" / "demos").glob("*.json")} != set()


def test_a_recorded_run_plays_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    said = away(installed, tmp_path, "-m", "agentverse", "demo", "--first")
    assert str(tmp_path) in said, "the software lies where the command was called"


def test_the_source_archive_holds_what_a_wheel_is_built_from(tmp_path: Path) -> None:
    import tarfile

    [path] = SdistBuilder(str(CHECKOUT)).build(directory=str(tmp_path))
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "agentverse/py.typed"} <= names
    assert {f"{kind}/{name}" for kind in SHIPPED for name in files_below(CHECKOUT / kind)} <= names
    assert not [name for name in names if name.startswith((".venv", "agentverse-runs", "webui/node_modules"))]


def test_the_lock_knows_the_dependencies() -> None:
    lock = tomllib.loads((CHECKOUT / "uv.lock").read_text())
    [own] = [package["metadata"] for package in lock["package"] if package["name"] == "agentverse"]
    wanted = {canonical(line) for line in project()["project"]["dependencies"]}
    assert {locked(entry) for entry in own["requires-dist"] if "extra ==" not in entry.get("marker", "")} == wanted
    assert set(own["provides-extras"]) == set(project()["project"]["optional-dependencies"])
    groups = {canonical(line) for line in project()["dependency-groups"]["dev"]}
    assert {locked(entry) for entry in own["requires-dev"]["dev"]} == groups, "make lock writes it anew"


def canonical(line: str) -> tuple[str, str, tuple[str, ...]]:
    one = Requirement(line)
    return one.name, str(one.specifier), tuple(sorted(one.extras))


def locked(entry: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    return entry["name"], entry.get("specifier", ""), tuple(sorted(entry.get("extras", [])))
