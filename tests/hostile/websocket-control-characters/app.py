"""Puts what steers terminals, and lines that look like evidence, into messages and reasons."""
import base64
import hashlib
import socket
import threading

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def read(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        got = connection.recv(4096)
        if not got:
            raise OSError("it has gone")
        data += got
    return data


def accept(request, more=b""):
    (key,) = [line[19:] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: ")]
    token = base64.b64encode(hashlib.sha1(key + GUID).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + token + b"\r\n" + more + b"\r\n"
    )


def serve(connection):
    try:
        request = read(connection)
        if request.startswith(b"GET /health"):
            connection.sendall(OK)
        else:
            attack(connection, request)
    except OSError:
        return
    finally:
        connection.close()


def attack(connection, request):
    text = b"\x1b[2J\x1b]0;owned\x07\r\n> all points\n\xe2\x80\xae"
    reason = b"\x1b[31mno\n< close 4401\x00\xe2\x80\xae"
    connection.sendall(accept(request) + b"\x81" + bytes([len(text)]) + text)
    connection.sendall(b"\x88" + bytes([len(reason) + 2]) + (4999).to_bytes(2, "big") + reason)
    while connection.recv(65536):
        pass


listener = socket.create_server(("0.0.0.0", 5000), backlog=100)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
