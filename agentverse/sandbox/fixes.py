"""What to do when a sandbox does not work on this machine, as a command to type."""

from __future__ import annotations

import os
from pathlib import Path

INSTALLERS = {
    "debian": "apt-get install -y bubblewrap",
    "ubuntu": "apt-get install -y bubblewrap",
    "fedora": "dnf install -y bubblewrap",
    "rhel": "dnf install -y bubblewrap",
    "centos": "dnf install -y bubblewrap",
    "arch": "pacman -S --noconfirm bubblewrap",
    "suse": "zypper install -y bubblewrap",
    "opensuse": "zypper install -y bubblewrap",
    "alpine": "apk add bubblewrap util-linux-misc",
}
"""By the names that /etc/os-release uses for a distribution and for its kin."""

LOAD_PROFILE = (
    "apt-get install -y apparmor-profiles && "
    "cp /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && "
    "apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict"
)


def bubblewrap_fix(reason: str) -> str:
    """Return the way out of a failure that said ``reason``."""
    if reason.endswith("is not installed"):
        return install_command()
    if _sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return _as_root(LOAD_PROFILE)
    if _sysctl("kernel/unprivileged_userns_clone") == "0":
        return _as_root("sysctl -w kernel.unprivileged_userns_clone=1")
    if _sysctl("user/max_user_namespaces") == "0":
        return _as_root("sysctl -w user.max_user_namespaces=15000")
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined"
    return "run `bwrap --unshare-all --ro-bind / / true` to see why, and allow unprivileged user namespaces"


def install_command(release: Path = Path("/etc/os-release")) -> str:
    """Return the command that installs bubblewrap on this distribution."""
    try:
        lines = release.read_text().splitlines()
    except OSError:
        lines = []
    fields = {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines)}
    for name in [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]:
        known = INSTALLERS.get(name.split("-")[0])
        if known:
            return _as_root(known)
    return "install the package bubblewrap with your distribution's package manager"


def _as_root(command: str) -> str:
    if os.geteuid() == 0:
        return command
    return " && ".join(f"sudo {part}" for part in command.split(" && "))


def _sysctl(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None
