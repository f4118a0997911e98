"""Share the hunger among many processes, none of which is large."""

import os
import signal

print("TRIED", flush=True)
signal.signal(signal.SIGCHLD, lambda *_: os._exit(1))  # one was killed for its hunger
ready, tell = os.pipe()
hold, release = os.pipe()
for _ in range(8):
    if os.fork() == 0:
        os.close(release)
        held = bytearray(b"x" * (60 << 20))
        os.write(tell, b".")
        os.read(hold, 1)
        os._exit(len(held) & 0)
os.close(tell)
count = 0
while count < 8 and os.read(ready, 1):
    count += 1
if count == 8:
    print("THROUGH", 8 * 60, "MiB at once", flush=True)
os.close(release)
