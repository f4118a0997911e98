"""Print without end."""

import os

print("TRIED", flush=True)
data = b"y\n" * 32768
while True:
    os.write(1, data)
