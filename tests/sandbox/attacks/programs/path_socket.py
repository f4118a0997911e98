"""Reach a unix socket of the host by its path, as a container engine or a desktop has."""

import contextlib
import json
import os
import socket
import sys

path = json.load(sys.stdin)["socket"]
roads = [path, f"/proc/1/root{path}", "/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket"]
roads += ["/run/podman/podman.sock", "/run/containerd/containerd.sock", "/tmp/.X11-unix/X0", "/run/systemd/private"]
for road in roads:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect(road)
        s.sendall(b"path")
        print("THROUGH", road)
with contextlib.suppress(OSError):
    left, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.sendto(b"path", path + "d")
    print("THROUGH a datagram")
with contextlib.suppress(OSError):
    os.symlink(path, "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect("s")
        s.sendall(b"path")
print("TRIED")
