"""Sends mails with headers that take a mail program minutes to read."""
import smtplib

from server import connect


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    raw = f"Subject: {item}\r\nTo: ".encode() + b"a@example.org,\r\n " * 55_000 + b"b@example.org\r\n\r\nx"
    try:
        with connect() as client:
            client.sendmail("shop@example.org", [to], raw)
    except (OSError, smtplib.SMTPException):
        return False
    return True
