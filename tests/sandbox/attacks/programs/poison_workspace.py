"""Plant in the workspace what a careless host would run later: hooks, settings of git, start-up files of Python."""

import os

for path in (
    ".git/hooks/pre-commit", ".git/hooks/post-checkout", ".git/config", "sub/.git/config", ".venv/lib/evil.pth",
    "evil.pth", "__pycache__/product.cpython-311.pyc", "product.pyc", "sub/.git/hooks/post-commit",
):  # fmt: skip
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as file:
        file.write("#!/bin/sh\n[core]\nfsmonitor = /bin/false\nimport os\n")
    os.chmod(path, 0o755)
print("TRIED")
