"""What was downloaded already, by agentverse or by others, told from the folders alone.

Everything lies in the caches of the hubs' own programs, GGUF included: vLLM finds it there, nothing is kept twice, and
those programs list and remove it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from agentverse.models.catalogue.entry import Entry, Files, Form
from agentverse.models.catalogue.shape import files_of


def local_file(entry: Entry, form: Form) -> Path | None:
    """The whole model on this disk: a GGUF file, or the folder of safetensors; None when any of it is missing."""
    files = entry.forms.get(form)
    if files is None:
        return None
    for folder in _folders(files):
        if found := complete(folder, files, form):
            return found
    return None


def complete(folder: Path, files: Files, form: Form) -> Path | None:
    """What `local_file` returns for the model that lies in ``folder``."""
    there = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    named = files_of(there, form, projector=files.projector)
    if not named:
        return None
    if form == "gguf":
        return folder / named[0]
    return folder if _shards(folder) <= set(there) else None


def hub_cache() -> Path:
    """Where programs of Hugging Face keep what they download."""
    if said := os.environ.get("HF_HUB_CACHE"):
        return Path(said).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser() / "hub"


def hub_folder(repo: str) -> Path:
    """The part of `hub_cache` that belongs to a repository."""
    return hub_cache() / f"models--{repo.replace('/', '--')}"


def modelscope_id(repo: str) -> str:
    """How ModelScope calls a repository of OpenBMB."""
    return f"OpenBMB/{repo.partition('/')[2]}"


def modelscope_folder(repo: str) -> Path:
    """Where ModelScope's programs keep a repository."""
    return _modelscope_cache() / "models" / modelscope_id(repo).replace("/", "--") / "snapshots" / "master"


def _modelscope_cache() -> Path:
    return Path(os.environ.get("MODELSCOPE_CACHE") or "~/.cache/modelscope").expanduser()


def _folders(files: Files) -> list[Path]:
    """Where the files of a model may lie."""
    base = hub_folder(files.repo)
    commit = "none"
    with suppress(OSError, UnicodeDecodeError):
        commit = (base / "refs" / "main").read_text(encoding="ascii").strip()
    owner, _, name = modelscope_id(files.repo).partition("/")
    older = [_modelscope_cache() / above / owner / name.replace(".", "___") for above in ("models", "hub/models")]
    return [base / "snapshots" / commit, modelscope_folder(files.repo), *older]


def _shards(folder: Path) -> set[str]:
    """Files of weights that an index names."""
    named: set[str] = set()
    for index in folder.glob("*.index.json"):
        try:
            said: dict[str, Any] = json.loads(index.read_bytes())
            named |= {str(name) for name in said["weight_map"].values()}
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            named.add("a whole index")
    return named
