"""Sends mails, once."""
from email.message import EmailMessage

from server import connect


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    message = EmailMessage()
    message["From"], message["To"] = "shop@example.org", to
    message["Subject"] = f"Your order of {item}"
    message.set_content("Thank you.")
    try:
        with connect() as client:
            client.send_message(message)
    except OSError:
        return False
    return True
