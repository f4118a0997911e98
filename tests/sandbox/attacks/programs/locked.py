"""Take away every right to the workspace, so that it can be neither read nor deleted."""

import os

os.makedirs("a/b/c")
with open("a/b/c/file", "w") as file:
    file.write("x")
for path in ("a/b/c/file", "a/b/c", "a/b", "a", os.environ["HOME"], os.environ["TMPDIR"], "."):
    try:
        os.chmod(path, 0)
    except OSError:
        continue
print("TRIED")
