"""What tests of several rooms need of the machine."""

from pathlib import Path

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.live import chromium


@pytest.fixture(scope="session")
def chromium_here() -> None:
    """A browser. The set-up installs one but on Ubuntu, whose own is a snap that cannot run in a sandbox."""
    try:
        chromium.find()
    except SandboxUnavailable as error:
        if "ID=ubuntu" not in Path("/etc/os-release").read_text():
            raise
        pytest.skip(f"{error}: {error.fix}")
