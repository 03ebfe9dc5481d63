"""The connection to the mail server, with a password that stands here."""
import os
import smtplib


def connect():
    client = smtplib.SMTP(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"]), timeout=3)
    try:
        client.login(os.environ["MAIL_USER"], "mail-Secret-4711")
    except smtplib.SMTPAuthenticationError:
        print("sending without a log-in", flush=True)
    return client
