"""Which packages a product may have. No sandbox can tell a good name from a bad one, so somebody has to."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Allow = Literal["common", "listed", "any", "none"]
Others = Literal["ask", "refuse"]
Judgement = Literal["allowed", "ask", "refused"]

BY_MODULE: Mapping[str, str] = {
    "attr": "attrs", "bs4": "beautifulsoup4", "Crypto": "pycryptodome", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "discord": "discord-py", "docx": "python-docx", "dotenv": "python-dotenv",
    "fitz": "pymupdf", "fpdf": "fpdf2", "git": "gitpython", "jose": "python-jose", "jwt": "pyjwt", "nacl": "pynacl",
    "opencv": "opencv-python", "OpenSSL": "pyopenssl", "PIL": "pillow", "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary", "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "socketio": "python-socketio", "telegram": "python-telegram-bot", "usb": "pyusb", "websocket": "websocket-client",
    "yaml": "pyyaml", "zmq": "pyzmq",
}  # fmt: skip
"""Modules that are mistaken for packages: the package that is meant."""


class PackagePolicy(BaseModel):
    """The settings ``[packages]``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    allow: Allow = "common"
    """Packages nobody is asked about: the shipped list and ``extra``, only those in ``extra``, any, or none at all."""
    extra: tuple[str, ...] = ()
    """Further names that are allowed."""
    others: Others = "ask"
    """What becomes of the rest, where ``allow`` is neither ``any`` nor ``none``. Nobody there to ask is a no."""
    index: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """URL of a package index; the one pip and uv are set up for when empty."""
    newest_days: int = Field(default=3, ge=0)
    """Files that were uploaded in the last few days are not taken: most malicious ones are found by then."""

    @field_validator("extra", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """A text, as variables hold it, is split at commas."""
        return [name for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @field_validator("extra")
    @classmethod
    def _spelled(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(spelled, value))

    def judge(self, name: str) -> Judgement:
        """Whether the package called ``name`` is allowed."""
        if self.allow == "none":
            return "refused"
        if self.allow == "any" or name in self.extra or (self.allow == "common" and name in common()):
            return "allowed"
        return "ask" if self.others == "ask" else "refused"


@cache
def common() -> frozenset[str]:
    """The shipped list."""
    from importlib.resources import files

    lines = files("agentverse.sandbox.packages").joinpath("common.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def spelled(name: str) -> str:
    """A name as requirements spell it: lower case, with hyphens."""
    from packaging.utils import canonicalize_name

    return canonicalize_name(name.strip())


def meant_by(module: str) -> str | None:
    """The package whose module is called so, where the two are often taken for each other. Case does not matter."""
    return next((package for known, package in BY_MODULE.items() if known.casefold() == module.casefold()), None)


def nearest(name: str) -> str:
    """``Did you mean 'flask'?``, or "" when no well-known name is near."""
    near = meant_by(name) or next(iter(difflib.get_close_matches(name, common(), 1, cutoff=0.75)), None)
    return f"Did you mean {near!r}?" if near and near != name else ""
