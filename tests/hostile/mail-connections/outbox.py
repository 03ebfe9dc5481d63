"""Opens more connections to the mail server than it takes, and holds them while nothing is said."""
import os
import smtplib
import socket
import threading
import time
from email.message import EmailMessage

from server import connect


def hold():
    held = []
    while True:
        try:
            one = socket.create_connection((os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])), timeout=3)
            held.append(one)
        except OSError:
            pass
        held = held[-150:]
        time.sleep(0.02)


threading.Thread(target=hold, daemon=True).start()


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.org", to, item
    message.set_content("Thank you.")
    for pause in (0.9, 0.3, 0.3, 0.3, 0.3, 0.3):
        try:
            with connect() as client:
                client.send_message(message)
            return True
        except (OSError, smtplib.SMTPException):
            time.sleep(pause)
    return False
