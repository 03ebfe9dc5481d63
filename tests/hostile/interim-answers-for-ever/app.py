"""Well until the first look at /value, which it breaks; then every answer is '100 Continue', for ever."""
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


mode = "well"


def serve(connection):
    global mode
    try:
        path = read(connection)
        if path == "/value" and mode == "well":
            mode = "odd"
            return
        if mode == "odd":
            odd(connection)
        answer(connection, b"text" if path == "/text" else b"{}")
    except OSError:
        return
    finally:
        connection.close()


def odd(connection):
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n")
        time.sleep(0.5)


listener = socket.create_server(("0.0.0.0", 5000), backlog=100)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
