"""The WebSocket of a room: it opens, and sends back what it gets."""
from flask_sock import Sock

sock = Sock()


@sock.route("/ws/<room>")
def talk(socket, room):
    while True:
        socket.send(socket.receive())
