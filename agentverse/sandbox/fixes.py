"""What to do when something is missing on this machine, as a command to type."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

INSTALLERS = {
    "debian": "apt-get install -y",
    "ubuntu": "apt-get install -y",
    "fedora": "dnf install -y",
    "rhel": "dnf install -y",
    "centos": "dnf install -y",
    "arch": "pacman -S --noconfirm",
    "suse": "zypper install -y",
    "opensuse": "zypper install -y",
    "alpine": "apk add",
}
"""By the names that /etc/os-release uses for a distribution and for its kin."""
PACKAGES: Mapping[str, Mapping[str, str]] = {
    "bubblewrap": {"alpine": "bubblewrap util-linux-misc"},
    "xvfb": {
        "fedora": "xorg-x11-server-Xvfb", "rhel": "xorg-x11-server-Xvfb", "centos": "xorg-x11-server-Xvfb",
        "arch": "xorg-server-xvfb", "suse": "xorg-x11-server-Xvfb", "opensuse": "xorg-x11-server-Xvfb",
    },
    "chromium": {},
    "python3-tk": {
        "fedora": "python3-tkinter", "rhel": "python3-tkinter", "centos": "python3-tkinter", "arch": "tk",
        "suse": "python3-tk", "opensuse": "python3-tk", "alpine": "python3-tkinter",
    },
    "fonts-dejavu-core": {
        "fedora": "dejavu-sans-mono-fonts", "rhel": "dejavu-sans-mono-fonts", "centos": "dejavu-sans-mono-fonts",
        "arch": "ttf-dejavu", "suse": "dejavu-fonts", "opensuse": "dejavu-fonts", "alpine": "font-dejavu",
    },
    "fonts-wqy-microhei": {
        "fedora": "wqy-microhei-fonts", "rhel": "wqy-microhei-fonts", "centos": "wqy-microhei-fonts",
        "arch": "wqy-microhei", "alpine": "font-wqy-zenhei",
    },
}  # fmt: skip
"""Debian's name of a package, and what others call it where they call it something else."""

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


def install_command(package: str = "bubblewrap", release: Path = Path("/etc/os-release")) -> str:
    """Return the command that installs a package of `PACKAGES` on this distribution."""
    try:
        lines = release.read_text().splitlines()
    except OSError:
        lines = []
    fields = {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines)}
    for name in [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]:
        known = name.split("-")[0]
        if known in INSTALLERS:
            return _as_root(f"{INSTALLERS[known]} {PACKAGES[package].get(known, package)}")
    return f"install the package {package} with your distribution's package manager"


def _as_root(command: str) -> str:
    if os.geteuid() == 0:
        return command
    return " && ".join(f"sudo {part}" for part in command.split(" && "))


def _sysctl(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None
