"""Accept every connection; read nothing, answer nothing, close nothing."""

import socket

server = socket.create_server(("127.0.0.1", 8000))
print("TRIED", flush=True)
held = []
while True:
    held.append(server.accept())
