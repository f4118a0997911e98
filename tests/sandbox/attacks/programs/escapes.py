"""Print what a terminal obeys: clear, titles, clipboard, links, moves, answers typed back."""

import sys

write = sys.stdout.buffer.write
write(b"\x1b[2J\x1b[H\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIC8=\x07\x1b]8;;http://192.0.2.1\x07link\x1b]8;;\x07\n")
write(b"\x1bP$qm\x1b\\\x1b[6n\x1b[c\x1b[?1049h\x1b[21t\x9b31m\xc2\x9b31m\x08\x08\x08\x07\x0b\x0c\r overwritten\n")
write("right\u202eto left\u200b\u2066\ufeff\n".encode())
write(b"\xff\xfe\x80 not text \xed\xa0\x80 \x00 nul\n\x1b]0;never ended")
print("TRIED")
sys.stderr.write("\x1b[31mred\x1b[0m\x1b]2;t\x1b\\")
