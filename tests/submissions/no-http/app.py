import socket

server = socket.create_server(("0.0.0.0", 5000))
while True:
    connection, _ = server.accept()
    connection.close()
