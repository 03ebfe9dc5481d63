"""Sends mails, and tries again where that may help."""
import smtplib
import time
from email.message import EmailMessage

from server import connect


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    message = EmailMessage()
    message["From"], message["To"] = "shop@example.org", to
    message["Subject"] = f"Your order of {item}"
    message.set_content("Thank you.")
    for pause in (0.1, 0.4, 0.8, 1.6, 3.2, 0):
        try:
            with connect() as client:
                client.send_message(message)
            return True
        except smtplib.SMTPResponseException as error:
            if error.smtp_code >= 500:
                return False
        except (OSError, smtplib.SMTPException):
            pass
        time.sleep(pause)
    return False
