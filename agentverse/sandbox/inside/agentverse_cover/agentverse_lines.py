"""Notes which lines of the product are run, in a test session and in the Python programs that its tests start.

It stands on the C tracer of the package ``coverage`` alone: importing the whole package takes half as long as a session
of tests does. For the same reason nothing is imported here that a program has not loaded already when it starts.

Nobody's verdict may hang on it, so it gives up without a word: where the tracer is not there, and when a process has
used so much time that tracing could matter. Then the lines are not whole, and the host shows none.
"""

from __future__ import annotations

import _thread
import atexit
import os
import sys
import time
from _imp import create_dynamic, exec_dynamic
from importlib import machinery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_signal: Any = __import__("_signal")
"""The C half of ``signal``, whose other half loads ``enum``."""

VARIABLE = "AGENTVERSE_LINES"
"""From the host: for how many seconds to count. For programs below: that, until when they count at all, the folder of
what they ran, and the product's.
"""
TRACER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "agentverse_tracer.so")
MOST_PROCESSES, MOST_FILES, LONGEST = 500, 200, 1 << 19


class Lines:
    """The lines that one process, and those it forks, ran so far.

    Args:
        root: folder of the product; other files do not count.
        folder: where processes below leave what they ran.
        seconds: processor time that each process is traced for.
    """

    def __init__(self, root: str, folder: str, seconds: float) -> None:
        self.root, self.folder, self.seconds = root, folder, seconds
        self.ran: dict[str, set[int]] = {}
        self.whole = True
        self._main = _thread.get_ident()
        self._module: Any = None
        self._files: dict[str, Any] = {}
        self._tracers: list[Any] = []

    def start(self, until: float) -> None:
        """Trace from here on, in this thread and those started later.

        Args:
            until: after this, on the monotonic clock, programs that are started are not traced.
        """
        spec = machinery.ModuleSpec("coverage.tracer", None, origin=TRACER)
        self._module = create_dynamic(spec)
        exec_dynamic(self._module)
        os.environ[VARIABLE] = f"{self.seconds}:{until}:{self.folder}:{self.root}"
        os.register_at_fork(after_in_child=self._in_child)
        self._set_timer()
        self.trace_threads()
        self._trace()

    def stop(self) -> None:
        for tracer in self._tracers:
            tracer.stop()

    def leave(self) -> None:
        """Write down what a process below ran. May happen more than once."""
        name = f"{self.folder}/{os.getpid()}-{time.monotonic_ns()}"
        try:
            with open(name, "w", encoding="utf-8") as file:
                file.write("".join(said(path, lines) for path, lines in self.ran.items() if self.whole))
                file.write("whole\n" if self.whole else "part\n")
        except (OSError, ValueError):
            pass

    def leave_at_end(self) -> None:
        """See to `leave`, also where a process ends by `os._exit`, as forked ones do."""
        end = os._exit

        def leave_and_end(status: int) -> None:
            self.leave()
            end(status)

        os._exit = leave_and_end  # type: ignore[assignment]
        atexit.register(self.leave)

    def gather(self) -> dict[str, set[int]] | None:
        """What this process and those below ran, by path below the product's folder; None when it is not the whole."""
        self.stop()
        found: dict[str, set[int]] = {}
        for path, lines in self.ran.items():
            found.setdefault(path[len(self.root) + 1 :], set()).update(lines)
        names = os.listdir(self.folder)
        for name in names[:MOST_PROCESSES]:
            self.whole = self.whole and self._read(f"{self.folder}/{name}", found)
        return found if self.whole and len(names) <= MOST_PROCESSES else None

    def _read(self, name: str, found: dict[str, set[int]]) -> bool:
        """Add what one process left; whether it was all."""
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="utf-8", errors="replace") as file:
            *lines, last = file.read(LONGEST).split("\n")[:-1] or [""]
        for line in lines:
            path, _, numbers = line.rpartition("\t")
            if path.startswith(f"{self.root}/"):
                found.setdefault(path[len(self.root) + 1 :], set()).update(numbers_in(numbers))
        return last == "whole"

    # ------------------------------------------------------------------ the tracer

    def _trace(self) -> Any:
        tracer = self._module.CTracer()
        tracer.data, tracer.trace_arcs = self.ran, False
        tracer.should_trace, tracer.should_trace_cache = self._judge, self._files
        tracer.file_tracers, tracer.concur_id_func = {}, None
        tracer.warn = tracer.lock_data = tracer.unlock_data = tracer.disable_plugin = ignore
        tracer.check_include = tracer.should_start_context = tracer.switch_context = None
        self._tracers.append(tracer)
        return tracer.start()

    def trace_threads(self) -> None:
        """Have every thread traced. Where ``threading`` is not loaded, its loading waits for whoever needs it."""
        if (threading := sys.modules.get("threading")) is not None:
            threading.settrace(self._in_thread)  # pyright: ignore[reportUnknownMemberType]
        else:
            sys.meta_path.insert(0, Threads(self))  # pyright: ignore[reportArgumentType]

    def _in_thread(self, frame: Any, event: str, arg: object) -> Any:
        sys.settrace(None)
        follow_on = self._trace() if self.whole else None
        return follow_on(frame, event, arg) if follow_on is not None else None

    def _judge(self, filename: str, frame: object) -> Any:
        """Whether the lines of a file count; asked once a file."""
        path = os.path.normpath(os.path.join(os.getcwd(), filename))
        verdict = self._module.CFileDisposition()
        verdict.original_filename = verdict.canonical_filename = verdict.source_filename = path
        verdict.trace = path.startswith(f"{self.root}/") and path.endswith(".py") and not is_test(path)
        verdict.trace = verdict.trace and len(self.ran) < MOST_FILES
        verdict.file_tracer, verdict.has_dynamic_filename, verdict.reason = None, False, ""
        return verdict

    def _set_timer(self) -> None:
        """Only time in which this process works counts, so waiting is never cut short by the signal."""
        if _thread.get_ident() == self._main:
            _signal.signal(_signal.SIGPROF, self._give_up)
            _signal.setitimer(_signal.ITIMER_PROF, self.seconds)

    def _give_up(self, number: int, frame: object) -> None:
        self.whole = False
        self.stop()

    def _in_child(self) -> None:
        self._set_timer()
        self.leave_at_end()


class Threads:
    """Lets ``threading`` be loaded as ever, and has its threads traced before anybody can start one."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        if name != "threading":
            return None
        sys.meta_path.remove(self)  # pyright: ignore[reportArgumentType]
        spec = machinery.PathFinder.find_spec(name)
        if spec is not None:
            self._loader, spec.loader = spec.loader, self  # pyright: ignore[reportAttributeAccessIssue]
        return spec

    def create_module(self, spec: object) -> None:
        """As Python makes one."""

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)  # pyright: ignore[reportOptionalMemberAccess]
        self._lines.trace_threads()


def begin(folder: str) -> Lines | None:
    """Start for a test session in the working directory, if the host asked for it.

    Args:
        folder: a new folder for what processes below ran; it is made.
    """
    wanted = os.environ.pop(VARIABLE, "")
    if not wanted:
        return None
    try:
        os.mkdir(folder)
        lines = Lines(os.getcwd(), folder, float(wanted))
        lines.start(time.monotonic() + lines.seconds)
    except Exception:  # nobody's verdict may hang on it
        os.environ.pop(VARIABLE, None)
        return None
    return lines


def follow() -> None:
    """Start in a program that a measured test session started."""
    try:
        seconds, until, folder, root = os.environ.get(VARIABLE, "").split(":", 3)
        lines = Lines(root, folder, float(seconds))
        if time.monotonic() > float(until):
            lines.whole = False
            lines.leave()
        else:
            lines.start(float(until))
            lines.leave_at_end()
    except Exception:  # no program may fail because it is watched
        return


def said(path: str, lines: set[int]) -> str:
    """A path and its lines as one line of text."""
    return f"{path}\t{','.join(map(str, sorted(lines)))}\n"


def numbers_in(text: str) -> set[int]:
    return {int(number) for number in text.split(",") if number.isdecimal() and len(number) < 8}


def is_test(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(("test_", "conftest.")) or name.endswith("_test.py")


def ignore(*values: object, **named: object) -> None:
    """Whatever the tracer has to say."""
