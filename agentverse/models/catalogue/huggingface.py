"""The hub that ``huggingface_hub`` speaks to, or its mirror at ``HF_ENDPOINT``.

That package lists, names and keeps the files, and lays out its cache; the bytes come by `Transfer`, for the package
itself begins an interrupted file anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agentverse.errors import PullFailed
from agentverse.models.catalogue.local import hub_cache, hub_folder
from agentverse.models.catalogue.transfer import Remote, checked_path, refused, unreachable

if TYPE_CHECKING:
    import httpx2

_DIGESTS = {"sha256": re.compile("[0-9a-f]{64}"), "git-sha1": re.compile("[0-9a-f]{40}")}


class HuggingFace:
    """A repository there. The newest commit of ``main`` is meant."""

    def __init__(self, repo: str) -> None:
        self.repo = repo
        self.folder = hub_folder(repo)
        self.lock = hub_cache() / ".locks" / self.folder.name / "agentverse.lock"
        self._endpoint = os.environ.get("HF_ENDPOINT") or None

    def listing(self) -> list[Remote]:
        """All files of the repository.

        Raises:
            PullFailed.
        """
        from huggingface_hub import HfApi

        with _told(self.repo):
            found = HfApi(endpoint=self._endpoint).model_info(self.repo, revision="main", files_metadata=True)
            return [self._remote(file, found.sha or "main") for file in found.siblings or []]

    def client(self) -> httpx2.Client:
        """What sends requests, with the proxies and certificates that the package was told."""
        from huggingface_hub.utils import get_session

        return get_session()

    def headers(self) -> Mapping[str, str]:
        """Say who asks: the token of the environment or of a login, when there is one."""
        from huggingface_hub import utils

        return cast("Any", utils).build_hf_headers()

    def place(self, file: Remote) -> Path:
        """Where the finished file lies in the package's cache; what is named after its checksum."""
        return self.folder / "blobs" / file.digest

    def finish(self, files: Sequence[Remote]) -> Path:
        """Have the package link the finished files into a snapshot; returns its folder.

        Raises:
            PullFailed.
        """
        import huggingface_hub

        link = cast("Any", huggingface_hub).hf_hub_download
        snapshot = self.folder
        for file in files:
            with _told(self.repo):
                linked = Path(link(self.repo, file.path, cache_dir=hub_cache(), endpoint=self._endpoint))
            if not linked.samefile(self.place(file)):
                raise unreachable(f"the hub changed {file.path} while it was downloaded")
            snapshot = linked.parents[file.path.count("/")]
        return snapshot

    def _remote(self, file: Any, commit: str) -> Remote:
        from huggingface_hub import hf_hub_url

        path = checked_path(file.rfilename, self.repo)
        algorithm, digest = ("sha256", file.lfs.sha256) if file.lfs else ("git-sha1", file.blob_id)
        if file.size is None or not _DIGESTS[algorithm].fullmatch(digest or ""):
            raise unreachable(f"the hub lists {path} of {self.repo} without its size and checksum")
        url = hf_hub_url(self.repo, path, revision=commit, endpoint=self._endpoint)
        return Remote(path, file.size, url, digest, algorithm)


@contextmanager
def _told(repo: str) -> Generator[None]:
    """What the package raises, in our words."""
    import httpx2
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled:
        raise PullFailed(
            "HF_HUB_OFFLINE forbids to ask the hub", code="unreachable", fix="Unset HF_HUB_OFFLINE."
        ) from None
    except GatedRepoError:
        raise refused(repo, 403) from None
    except HfHubHTTPError as error:
        raise refused(repo, error.response.status_code) from None
    except (httpx2.TransportError, LocalEntryNotFoundError) as error:
        raise unreachable(f"the hub cannot be reached: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
