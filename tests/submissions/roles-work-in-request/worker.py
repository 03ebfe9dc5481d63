"""Sends mails."""
import json
import os
import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit


def send(job):
    to = urlsplit(os.environ["MAIL_URL"])
    mail = EmailMessage()
    mail["From"] = f"{os.environ['SENDER']}@example.org"
    mail["To"] = job["to"]
    mail["Subject"] = f"Your {job['item']}"
    with smtplib.SMTP(to.hostname, to.port, timeout=5) as client:
        client.login(to.username, to.password)
        client.send_message(mail)
