"""What a server said before it died, and what to do about it."""

from __future__ import annotations

import re
import signal
from typing import NamedTuple

from agentverse.errors import ServerFailed
from agentverse.models.servers.launch import CALLED, Launch


class _Known(NamedTuple):
    sign: re.Pattern[str]
    what: str
    fix: str


def _known(sign: str, what: str, fix: str) -> _Known:
    return _Known(re.compile(sign, re.IGNORECASE), what, fix)


# The first that is found counts: what is said of the driver goes before the out-of-memory it may lead to.
_COMPLAINTS = (
    _known(
        r"driver version is insufficient|nvidia driver on your system is too old|driver/library version mismatch"
        r"|no kernel image is available|failed to initialize nvml|libcuda\.so",
        "the graphics driver does not suit the server",
        "Update the driver and restart the computer, or use the processor: --engine llamacpp",
    ),
    _known(
        r"address already in use|couldn't bind",
        "its port is taken",
        "Take another: --port N",
    ),
    _known(
        r"larger than the maximum number of tokens that can be stored in kv cache|maximum model length is \d+",
        "the memory does not hold so long a context",
        "Ask for less: --context N, or serve a smaller model.",
    ),
    _known(
        r"greater than the derived max_model_len",
        "the model was not made for so long a context",
        "Ask for less: --context N",
    ),
    _known(
        r"out of memory|outofmemory|bad_alloc|no available memory for the cache|less than desired [gc]pu memory"
        r"|less than requested memory for kv"
        r"|failed to allocate|cannot allocate memory",
        "there is too little memory",
        "Ask for a shorter context (--context N), serve a smaller model, or end what else uses the memory.",
    ),
    _known(
        r"gatedrepo|access to model .* is restricted|gated repo|\b401 client error|\b403 client error",
        "its maker gives the model only to those who asked for it",
        "Ask for it on the model's page, set HF_TOKEN, and get it: agentverse models pull NAME",
    ),
    _known(
        r"not within the file bounds|corrupted or incomplete|failed to read key-value pairs|invalid magic"
        r"|safetensorerror|file not fully covered|unexpected end of file",
        "the model's file is damaged or only half there",
        "Get it again: agentverse models pull NAME",
    ),
    _known(
        r"unknown model architecture|model architectures? .* (?:are|is) not supported"
        r"|unrecognized arguments?|invalid choice",
        "the server is too old or too new for this",
        "Update it: pip install --upgrade vllm xllamacpp",
    ),
    _known(
        r"(no|define|provide a) chat template",
        "the model has no chat template, so it cannot be talked to",
        "Use one that was trained to answer, such as those of: agentverse models list",
    ),
)
_KILLED = _known(
    "",
    "it was killed, as happens when memory runs out",
    "Ask for a shorter context (--context N), serve a smaller model, or end what else uses the memory.",
)
_OWN_WORDS = re.compile(
    r"(?:^|[\s\])])((?:(?:[\w.]*(?:Error|Exception|Exit)\b|error)\s*:|value error,).*)", re.IGNORECASE
)
_LLAMA = re.compile(r"^[\d.]+ E (.*)")
# It says that another process failed, and only that one says why.
_SECONDHAND = re.compile(r"engine core initialization failed|failed to init server|enginedeaderror", re.IGNORECASE)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LONGEST = 300


def own_words(log: str) -> str:
    """The line of a log that says best why a server died; "" when none looks like an error."""
    lines = _lines(log)
    errors = [match[1] for line in lines if (match := _LLAMA.match(line))]
    if errors:
        return _short(next((line for line in errors if _known_by(line)), errors[0]))
    said = [match[1] for line in lines if (match := _OWN_WORDS.search(line)) and not _SECONDHAND.search(match[1])]
    return _short(said[-1]) if said else ""


def failed(launch: Launch, log: str, *, code: int | None, where: str) -> ServerFailed:
    """The error for a server that ended.

    Args:
        log: what it printed.
        code: how it ended, as `subprocess` says it.
        where: the log's file.
    """
    words = own_words(log)
    known = _known_by(words)
    if known is None and code == -signal.SIGKILL:
        known = _KILLED
    what = known.what if known else f"it ended with {_code(code)}"
    if not words and code is not None and code >= 0:
        words = _short((_lines(log) or [""])[-1])
    said = f": {words}" if words else ""
    return ServerFailed(
        f"{CALLED[launch.engine]} could not serve {launch.model} because {what}{said}",
        fix=known.fix if known else f"Its log says more: {where}",
    )


def _known_by(words: str) -> _Known | None:
    return next((one for one in _COMPLAINTS if one.sign.search(words)), None)


def _lines(log: str) -> list[str]:
    return [line.strip() for line in _ANSI.sub("", log).replace("\r", "\n").splitlines() if line.strip()]


def _code(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def _short(line: str) -> str:
    line = " ".join(line.split()).rstrip(".")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
