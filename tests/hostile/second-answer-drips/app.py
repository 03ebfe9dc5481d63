"""Answers the first request of a connection well, and the second byte by byte."""
import socket
import threading
import time


def read(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        got = connection.recv(4096)
        if not got:
            raise OSError("it has gone")
        data += got
    return data.split()[1].decode()


def answer(connection, body):
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


def serve(connection):
    try:
        path = read(connection)
        body = {"/value": b'{"value": 7}', "/text": b"text"}.get(path, b"{}")
        kind = b"application/json" if path == "/value" else b"text/plain"
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.2)
    except OSError:
        return
    finally:
        connection.close()


listener = socket.create_server(("0.0.0.0", 5000), backlog=100)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
