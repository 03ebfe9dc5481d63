"""The mail of a job."""

import os
import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

MAIL_SECONDS = 5
"""For each answer of the mail server."""


def written(job):
    mail = EmailMessage()
    mail["From"] = os.environ["MAIL_FROM"]
    mail["To"] = job["email"]
    mail["Subject"] = f"Your tickets: {job['title']}"
    mail["Message-ID"] = f"<job-{job['id']}@{os.environ['MAIL_FROM'].partition('@')[2]}>"
    mail.set_content(f"Order: {job['order_id']}\nSeats: {job['seats']}\n")
    return mail


def send(job):
    """Hand the mail of a job to the mail server. Raises OSError, of which SMTPException is one."""
    server = urlsplit(os.environ["MAIL_URL"])
    with smtplib.SMTP(server.hostname, server.port, timeout=MAIL_SECONDS) as client:
        client.login(server.username, server.password)
        client.send_message(written(job))


def code_of(error):
    """What the mail server has answered; 0 where it has not."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    return getattr(error, "smtp_code", 0)
