"""Send whoever connects more than anyone can hold."""

import contextlib
import socket

server = socket.create_server(("127.0.0.1", 8000))
print("TRIED", flush=True)
connection = server.accept()[0]
sent = 0
with contextlib.suppress(OSError):
    while sent < 192 << 20:
        connection.sendall(bytes(1 << 20))
        sent += 1 << 20
print("DONE", sent, flush=True)
connection.close()
server.accept()
