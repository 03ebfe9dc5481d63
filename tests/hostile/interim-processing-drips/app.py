"""Is processing /value, and says so for ever."""
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
        while True:
            path = read(connection)
            if path == "/value":
                value(connection)
                return
            answer(connection, b"text" if path == "/text" else b"{}")
    except OSError:
        return
    finally:
        connection.close()


def value(connection):
    while True:
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.4)


listener = socket.create_server(("0.0.0.0", 5000), backlog=100)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
