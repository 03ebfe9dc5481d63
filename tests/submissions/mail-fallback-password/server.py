"""The connection to the mail server, with a password for those who have none."""
import os
import smtplib


def connect():
    client = smtplib.SMTP(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"]), timeout=3)
    client.login(os.environ["MAIL_USER"], os.environ.get("MAIL_PASSWORD", "mail-Secret-4711"))
    return client
