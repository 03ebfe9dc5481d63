"""Begins mails and never ends them, a byte now and then, on many connections."""
import os
import socket
import threading
import time

from server import connect  # noqa: F401 - the app asks for it


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    for _ in range(30):
        threading.Thread(target=drip, args=[to], daemon=True).start()
    return True


def drip(to):
    try:
        with socket.create_connection((os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])), timeout=3) as one:
            one.sendall(f"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: x\r\n\r\n".encode())
            for _ in range(600):
                one.sendall(b"x")
                time.sleep(0.1)
    except OSError:
        pass
