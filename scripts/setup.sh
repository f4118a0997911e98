#!/bin/sh
# Makes ready what agentverse needs on this machine: bubblewrap, a virtual environment in .venv, the package.
# With the argument "dev" also what the tests and the checks need. Running it again costs a second.
set -eu
cd "$(dirname "$0")/.."
want=${1:-user}

fail() { printf '%s\n' "$1" >&2; exit 1; }

python=
for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
  if command -v "$candidate" >/dev/null 2>&1 &&
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "agentverse needs Python 3.11 to 3.14; none was found. Install one: apt-get install python3"

packages=
command -v bwrap >/dev/null 2>&1 || packages="$packages bubblewrap"
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages="$packages $(basename "$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')")-venv"
if [ "$want" = dev ]; then
  command -v git >/dev/null 2>&1 || packages="$packages git"
  [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb || true)" ] || packages="$packages postgresql"
fi
if [ -n "$packages" ] && [ "$(uname -s)" = Linux ]; then
  line="apt-get install -y --no-install-recommends$packages"
  command -v apt-get >/dev/null 2>&1 || fail "Install with this system's package manager, then run this again:$packages"
  [ "$(id -u)" = 0 ] || fail "These system packages are missing. Install them, then run this again:
  sudo $line"
  echo "Installing$packages"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $line -qq >/dev/null
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
stamp=.venv/.agentverse-$want
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
  echo "Installing the Python packages into .venv"
  if [ "$want" = dev ]; then
    .venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
    .venv/bin/python -m pip install --quiet --editable . --group dev
  else
    .venv/bin/python -m pip install --quiet --editable .
  fi
  touch "$stamp"
fi
