"""Sends a mail for each job; one that it has begun when it dies is begun again."""
import json
import os
import signal
import smtplib
import sys
import time
from email.message import EmailMessage
from urllib.parse import urlsplit

import redis

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def send(job):
    to = urlsplit(os.environ["MAIL_URL"])
    mail = EmailMessage()
    mail["From"] = f"{os.environ['SENDER']}@example.org"
    mail["To"] = job["to"]
    mail["Subject"] = f"Your {job['item']}"
    with smtplib.SMTP(to.hostname, to.port, timeout=5) as client:
        client.login(to.username, to.password)
        client.send_message(mail)


def work(queue):
    while queue.rpoplpush("begun", "jobs"):
        pass
    while True:
        job = queue.brpoplpush("jobs", "begun", timeout=1)
        if job:
            send(json.loads(job))
            queue.lrem("begun", 1, job)


while True:
    try:
        work(redis.Redis.from_url(os.environ["QUEUE_URL"], socket_timeout=5))
    except (redis.RedisError, OSError, smtplib.SMTPException):
        time.sleep(0.2)
