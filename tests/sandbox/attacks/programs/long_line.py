"""Print without end and without an end of line, on both streams."""

import os

print("TRIED", flush=True)
data = b"y" * 65536
while True:
    os.write(1, data)
    os.write(2, data)
