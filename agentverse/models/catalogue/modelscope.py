"""ModelScope, the hub that is near in China. Needs the extra ``modelscope``, which knows where it is and who asks."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from agentverse.errors import PullFailed
from agentverse.models.catalogue.local import modelscope_folder, modelscope_id
from agentverse.models.catalogue.transfer import Remote, checked_path, refused, unreachable

if TYPE_CHECKING:
    import httpx2


class ModelScope:
    """A repository there, called as it is at Hugging Face."""

    def __init__(self, repo: str) -> None:
        self.repo = modelscope_id(repo)
        self.folder = modelscope_folder(repo)
        self.lock = self.folder.parent / ".agentverse.lock"

    def listing(self) -> list[Remote]:
        """All files of the repository.

        Raises:
            PullFailed: also when the extra is not installed.
        """
        api, config = _package()
        with _told(self.repo):
            found: list[Any] = api.list_repo_files(self.repo, "model", revision="master")
        base = f"{config.endpoint}/api/v1/models/{self.repo}/repo"
        return [self._remote(file, base) for file in found if not file.is_dir]

    def client(self) -> httpx2.Client:
        from huggingface_hub.utils import get_session

        return get_session()

    def headers(self) -> Mapping[str, str]:
        """Say who asks: the token of the environment or of a login, when there is one."""
        _, config = _package()
        return {"Cookie": f"m_session_id={config.token}"} if config.token else {}

    def place(self, file: Remote) -> Path:
        """Where the finished file lies."""
        return self.folder / file.path

    def finish(self, files: Sequence[Remote]) -> Path:
        """The folder of the finished files; they lie where they belong."""
        del files
        return self.folder

    def _remote(self, file: Any, base: str) -> Remote:
        path = checked_path(file.path, self.repo)
        digest = (file.sha256 or "").lower()
        if not digest and path.endswith((".safetensors", ".bin", ".gguf")):
            raise unreachable(f"the hub lists {path} of {self.repo} without its checksum")
        url = f"{base}?{urlencode({'Revision': 'master', 'FilePath': path})}"
        return Remote(path, file.size, url, digest)


def _package() -> tuple[Any, Any]:
    """The package's door and its settings."""
    try:
        from modelscope_hub import HubApi, HubConfig
    except ModuleNotFoundError as error:
        raise PullFailed(
            f"ModelScope needs the package {error.name}",
            code="package",
            fix="Install it: pip install 'agentverse[modelscope]'",
        ) from None
    config = HubConfig()
    return HubApi(config=config), config


@contextmanager
def _told(repo: str) -> Generator[None]:
    """What the package raises, in our words."""
    from modelscope_hub import APIError, HubError, NotExistError

    try:
        yield
    except NotExistError:
        raise refused(repo, 404) from None
    except APIError as error:
        raise refused(repo, error.status_code or 500) from None
    except (HubError, OSError) as error:
        raise unreachable(f"ModelScope cannot be reached: {str(error).splitlines()[0]}") from None
