"""One mail."""

import os
import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit


def send(job):
    """Raises OSError, of which all errors of SMTP are."""
    order, server, sender = job.order, urlsplit(os.environ["MAIL_URL"]), os.environ["MAIL_FROM"]
    message = EmailMessage()
    message["From"], message["To"] = sender, order.email
    message["Subject"] = f"Your tickets: {order.event.title}"
    message["Message-ID"] = f"<{job.id}.{order.id}@{sender.partition('@')[2]}>"
    message.set_content(f"Thank you.\n\nOrder: {order.id}\nSeats: {order.seats}\n")
    with smtplib.SMTP(server.hostname, server.port, timeout=6) as smtp:
        smtp.login(server.username, server.password)
        smtp.send_message(message)


def code_of(error):
    """The mail server's code; 0 where there was no answer."""
    match error:
        case smtplib.SMTPResponseException():
            return error.smtp_code
        case smtplib.SMTPRecipientsRefused():
            return min(code for code, _ in error.recipients.values())
    return 0
