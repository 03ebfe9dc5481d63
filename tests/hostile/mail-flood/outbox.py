"""Sends so many mails for one order that nobody keeps them."""
from email.message import EmailMessage

from server import connect


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.org", to, item
    message.set_content("x" * 900 + "\n")
    try:
        with connect() as client:
            for _ in range(4000):
                client.send_message(message)
    except OSError:
        return False
    return True
