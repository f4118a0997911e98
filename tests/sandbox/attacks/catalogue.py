"""Every attack: its program, the claim that it tests, its limits, and how it is judged.

Attacks by what a model replies, before anything is run (paths, archives, links in edits), are in ``tests/workspace``
and ``tests/agents``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agentverse.sandbox.protocol import Limits
from tests.sandbox.attacks import live, ways
from tests.sandbox.attacks.ways import Way, forging, once

MIB = 1 << 20
USUAL = Limits(wall=30.0)
BRIEF = Limits(wall=1.5)
"""For programs that never end. Where one has not got far enough in that time, it gets more."""
SHORT = Limits(wall=3.0)
SERVERS = "own servers"


@dataclass(frozen=True)
class Attack:
    """One row of the table."""

    name: str
    """Of the program in ``programs/``."""
    claim: str
    """What holds when it is stopped."""
    way: Way = field(default_factory=once)
    limits: Limits = USUAL
    alone: bool = False
    """It eats what others beside it would need."""
    needs: str = ""
    """What of `agentverse.sandbox.protocol.SandboxInfo.enforced` must not be empty for it to be tried."""


def _sized(**bounds: int) -> Limits:
    return Limits(wall=30.0, **bounds)


FILES = (
    Attack("steal", "files of the host cannot be read", once(ways.nothing_taken)),
    Attack("environment", "no environment but its own can be seen"),
    Attack("descriptors", "nothing of ours is left open for it"),
    Attack("write_outside", "nothing can be written outside"),
    Attack("change_outside", "files outside cannot be changed, renamed or removed"),
    Attack("setuid_file", "no file can be left that gives its user other rights"),
    Attack("devices", "no device can be made or opened"),
    Attack("link_out", "links are not followed by the host"),
    Attack("odd_files", "pipes, sockets and holes do not hang the host"),
    Attack("names", "no file name hurts the host"),
    Attack("deep", "no depth of folders hurts the host"),
    Attack("locked", "a workspace without rights can be thrown away"),
    Attack("many_files", "a workspace of many files can be thrown away"),
    Attack("poison_workspace", "what a careless host would run is not carried out"),
    Attack("plant_startup", "what is planted does not start with the next command", once(ways.nothing_starts_later)),
    Attack("swap", "a folder exchanged for a link in mid-read leads nowhere", ways.while_read),
    Attack("appear", "files that change while they are read do no harm", ways.while_read),
    Attack("held_file", "held files cannot be changed", once(ways.kept_as_it_was, held=("kept/held.txt",))),
    Attack("held_swap", "a held file exchanged for a link shows nothing of the host", ways.while_held),
)
NETWORK = (
    Attack("tcp", "servers of the host cannot be reached by TCP"),
    Attack("tcp_fast", "nor by TCP without a connection, nor by multipath TCP"),
    Attack("udp", "nor by UDP"),
    Attack("abstract_socket", "nor by an abstract unix socket"),
    Attack("path_socket", "nor by a unix socket's path, a container engine's for one"),
    Attack("route", "there is no way out"),
    Attack("vsock", "the hypervisor cannot be called"),
    Attack("socket_families", "no other family of sockets can be opened"),
    Attack("netlink", "the network cannot be changed"),
)
PROCESSES = (
    Attack("processes", "processes of the host cannot be seen"),
    Attack("kill_host", "processes of the host cannot be killed"),
    Attack("trace_host", "nor traced"),
    Attack("bend_host", "nor bent: limits, priority and processors stay"),
    Attack("trace_supervisor", "the supervisor cannot be traced"),
    Attack("kill_all", "whom it kills, it does not survive"),
    Attack("shared_memory", "shared memory of the host cannot be read"),
    Attack("daemon", "a child twice removed ends with its command"),
    Attack("deaf", "ignoring every signal does not help", once(ways.held_in_time), BRIEF),
    Attack("stopped", "a stopped process ends", once(ways.held_in_time), BRIEF),
    Attack("silent", "closing every stream does not help", once(ways.held_in_time), BRIEF),
    Attack("server", "a server that never answers ends", once(ways.held_in_time), BRIEF),
    Attack("keep_pipe", "a pipe kept open holds up nobody"),
    Attack("deleted", "a program that deletes and renames itself ends"),
    Attack("arguments", "endless arguments hurt nobody who lists processes"),
    Attack("orphaned", "a command ends with who watches it, and that is told", ways.without_supervisor, alone=True),
    Attack("orphans", "dead children are buried", alone=True),
)
KERNEL = (
    Attack("rights", "no other user and no capability can be had"),
    Attack("namespaces", "no namespace can be made or entered"),
    Attack("mounts", "nothing can be mounted or uncovered"),
    Attack("kernel_calls", "the parts of the kernel with the most holes are out of reach"),
    Attack("kernel_settings", "no setting of the kernel can be written"),
    Attack("system_calls", "the machine's clock, name, modules and swap cannot be changed"),
    Attack("other_abi", "the filter cannot be passed by 32-bit calls"),
    Attack("address_space", "hardening cannot be switched off"),
    Attack("terminal_input", "nothing can be typed into the host's terminal"),
    Attack("control_groups", "no control group can be changed or left"),
    Attack("raise_limits", "no limit can be raised"),
    Attack("priority", "no priority can be taken"),
    Attack("core_dump", "a crash leaves no image of memory", once(ways.no_image_of_memory)),
)
AMOUNTS = (
    Attack("memory_one", "one process keeps to its memory", limits=_sized(memory=256 * MIB)),
    Attack("memory_many", "many processes keep to it in sum", limits=_sized(memory=256 * MIB)),
    Attack("memory_files", "memory of no process counts too", limits=_sized(memory=256 * MIB)),
    Attack("cpu_many", "so does processor time", limits=_sized(cpu=1)),
    Attack("fork_bomb", "a fork bomb is held", once(ways.few_were_made), _sized(pids=40), alone=True),
    Attack("threads", "so are threads", once(ways.few_were_made), _sized(pids=40), alone=True),
    Attack("big_file", "a file keeps to its size", once(ways.files_are_small), _sized(file=16 * MIB)),
    Attack("fill_workspace", "many files keep to the disk in sum", once(ways.disk_is_held), _sized(disk=32 * MIB)),
    Attack("fill_temporary", "so do temporary folders", limits=_sized(disk=32 * MIB)),
    Attack("inodes", "empty files are bounded too", limits=Limits(wall=120.0, memory=20 * MIB)),
    Attack("flood", "endless output is cut", once(ways.output_is_cut), _sized(output=1 << 16)),
    Attack("long_line", "so is an endless line", once(ways.output_is_cut), _sized(output=1 << 16)),
    Attack("escapes", "what is printed does not act on a terminal", ways.shown_as_evidence),
)
REPORTS = (
    Attack("report_bomb", "a report without end is not read", once(ways.report_is_bounded, report=True)),
    Attack("report_link", "a link is no report", once(ways.report_is_bounded, report=True)),
    Attack("report_nested", "nonsense is no report", once(ways.report_is_bounded, report=True)),
    Attack("forge_atexit", "an exit code set at the end is not believed", forging("test_forge.py")),
    Attack("forge_early_exit", "nor one of a run that ends early", forging("test_forge.py", beside=False)),
    Attack("forge_import", "nor one of a run that ends while files are collected", forging("product.py")),
    Attack("forge_conftest_exit", "nor one that a conftest sets", forging("conftest.py")),
    Attack("forge_conftest_collection", "nor a collection that a conftest empties", forging("conftest.py")),
    Attack("forge_conftest_outcome", "nor outcomes that a conftest changes", forging("conftest.py")),
    Attack("forge_finish", "nor what a test has the reporter say", forging("test_forge.py", beside=False)),
    Attack("forge_second", "nor a report written over", forging("test_forge.py", beside=False)),
    Attack("forge_pytest", "nor a module named pytest", forging("pytest.py")),
    Attack("forge_whole_report", "nor a report written by a module named pytest", forging("pytest.py")),
    Attack("forge_sitecustomize", "nor a start-up file of Python", forging("sitecustomize.py")),
)
SESSIONS = (
    Attack("agent_kill", "a session killed from inside is replaced", live.warm("kill", "stop"), SHORT),
    Attack("agent_lie", "lies in a session's name break nothing", live.warm(lies=True), SHORT),
    Attack("half_closed", "half-closed pipes hold up nobody", live.half_closed),
    Attack("server_flood", "the host holds a bounded part of what a server sends", live.flooded, needs=SERVERS),
    Attack("server_mute", "a server that answers nobody ends with its session", live.mute, needs=SERVERS),
    Attack(
        "terminal_bomb",
        "no output makes a screen work or grow without end",
        live.terminal,
        alone=True,
        needs="terminals",
    ),
    Attack(
        "window_grab", "a window that takes every key is looked at no longer than others", live.window(), needs=SERVERS
    ),
    Attack("window_lie", "false pictures of a window hurt nobody", live.window(9), needs=SERVERS),
)
ATTACKS = {attack.name: attack for attack in (*FILES, *NETWORK, *PROCESSES, *KERNEL, *AMOUNTS, *REPORTS, *SESSIONS)}
