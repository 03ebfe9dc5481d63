"""The connection to the mail server: what the environment says."""
import os
import smtplib


def connect():
    client = smtplib.SMTP(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"]), timeout=3)
    client.login(os.environ["MAIL_USER"], os.environ["MAIL_PASSWORD"])
    return client
