"""Print what makes a terminal work or remember without end: marks on one character, saved places, counts, titles."""

import sys
import time

write = sys.stdout.write
print("TRIED", flush=True)
write("\x1b[2;1Ha" + "\u0301" * 150_000)
for _ in range(50):
    write("\u0301")
    sys.stdout.flush()
write("\x1b7" * 400_000)
write("\x1b[99999999@\x1b[88888888L\x1b[77777777X\x1b[66666666P" * 2000)
write("\x1b[" + "1;" * 50_000 + "m")
write("\x1b[8;9999;9999t\x1b[?3h\x1b[?3l\x1b[6n\x1b[c\x1bZ\x05")
write("\x1bH\t" * 20_000)
write("\x1b]0;" + "t" * 200_000 + "\x07\x1b]2;never ended " + "u" * 1000)
sys.stdout.flush()
time.sleep(600)
