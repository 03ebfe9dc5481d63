"""The connection to the mail server, without a log-in."""
import os
import smtplib


def connect():
    return smtplib.SMTP(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"]), timeout=3)
