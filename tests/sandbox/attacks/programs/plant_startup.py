"""Plant what Python, the shell and pytest read when they start, wherever the next command might find it."""

import contextlib
import os
import site
import sys

SOURCE = "import os\nos.write(1, b'PLANTED')\n"
home, temporary = os.path.expanduser("~"), os.environ["TMPDIR"]
own = site.getusersitepackages()
PLACES = [
    *(f"{own}/{name}" for name in ("usercustomize.py", "sitecustomize.py", "planted.pth", "pytest.py")),
    *("usercustomize.py", "sitecustomize.py", "planted.pth", "python3", "pyvenv.cfg"),
    *(f"{home}/{name}" for name in (".pythonrc", ".profile", "../bin/python", "../lib/pytest.py")),
    *(f"{entry}/sitecustomize.py" for entry in (temporary, *sys.path)),
    *(f"{entry}/python" for entry in os.environ["PATH"].split(":")),
]
for path in PLACES:
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w") as file:
            file.write("import os; os.write(1, b'PLANTED')\n" if path.endswith(".pth") else SOURCE)
        os.chmod(path, 0o755)
print("TRIED")
