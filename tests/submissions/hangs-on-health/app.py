import socket
import time

server = socket.create_server(("0.0.0.0", 5000))
kept = []
while True:
    kept.append(server.accept())
