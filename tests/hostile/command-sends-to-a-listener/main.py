"""Looks for somebody to talk to; without a network there is nobody."""
import socket
import sys

for host in ("172.17.0.1", "host.docker.internal", "db", "command"):
    try:
        socket.create_connection((host, 80), timeout=0.2).sendall(b"here I am")
    except OSError:
        continue
    sys.exit(0)
sys.exit(7)
