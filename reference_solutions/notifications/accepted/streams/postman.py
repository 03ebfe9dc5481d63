"""The postman: a few threads that take jobs by a lease, hand in their mails, and note what came of it."""

import os
import smtplib
import threading
import time
from email.message import EmailMessage
from urllib.parse import urlsplit

import pymysql
import redis

from books import NOW, books, prepare

THREADS = 3
LEASE = 8
"""Seconds; longer than a mail may take."""
ANSWER = 6
"""Seconds that the mail server may take."""
TAKE = f"""
UPDATE orders SET leased = {NOW} + {LEASE}
WHERE id = %s AND state = 'pending' AND due <= {NOW} AND leased <= {NOW}
"""
DUE = f"SELECT id FROM orders WHERE state = 'pending' AND due <= {NOW} AND leased <= {NOW} LIMIT 20"
FULL = """
SELECT orders.id, email, orders.seats, attempts, title
FROM orders JOIN events ON events.id = event_id WHERE orders.id = %s
"""


def heard(stream, last):
    """The ids of jobs that the stream tells of, and where it goes on."""
    found = stream.xread({"letters": last}, count=20, block=200)
    entries = found[0][1] if found else []
    return [int(entry[b"job"]) for _, entry in entries], entries[-1][0] if entries else last


def overdue():
    """The ids of jobs that nobody has told of, or whose postman has died."""
    with books() as cursor:
        cursor.execute(DUE)
        return [row["id"] for row in cursor.fetchall()]


def work():
    stream = redis.Redis.from_url(os.environ["STREAM"], socket_timeout=2)
    last = "$"
    while True:
        try:
            numbers, last = heard(stream, last)
        except redis.RedisError:
            numbers, last = [], "0"
            time.sleep(0.2)
        try:
            for number in numbers or overdue():
                post(number)
        except pymysql.MySQLError as error:
            print(f"the books: {error}")
            time.sleep(0.5)


def post(number):
    with books() as cursor:
        if not cursor.execute(TAKE, [number]):
            return
        cursor.execute(FULL, [number])
        job = cursor.fetchone()
    code, error = hand_in(job)
    attempts = job["attempts"] + 1
    state, pause = "sent", 0.0
    if error:
        over = code // 100 == 5 or attempts >= int(os.environ["MAX_ATTEMPTS"])
        state = "failed" if over else "pending"
        pause = float(os.environ["RETRY_SECONDS"]) * 2 ** (attempts - 1)
    with books() as cursor:
        cursor.execute(
            f"UPDATE orders SET state = %s, attempts = %s, error = %s, due = {NOW} + %s, leased = 0"
            " WHERE id = %s",
            [state, attempts, error if state == "failed" else None, pause, number],
        )


def hand_in(job):
    """The code of the mail server, and what is wrong; None where nothing is."""
    server, sender = urlsplit(os.environ["MAIL_URL"]), os.environ["MAIL_FROM"]
    mail = EmailMessage()
    mail["Subject"] = f"Your tickets: {job['title']}"
    mail["From"], mail["To"] = sender, job["email"]
    mail["Message-ID"] = f"<{job['id']}@house.example>"
    mail.set_content(f"Order: {job['id']}\nSeats: {job['seats']}")
    try:
        with smtplib.SMTP(server.hostname, server.port, timeout=ANSWER) as smtp:
            smtp.login(server.username, server.password)
            smtp.send_message(mail)
    except smtplib.SMTPResponseException as refusal:
        return refusal.smtp_code, f"{refusal.smtp_code} {refusal.smtp_error!r}"
    except smtplib.SMTPRecipientsRefused as refusal:
        code = refusal.recipients[job["email"]][0]
        return code, f"{code} recipient refused"
    except OSError as error:
        return 0, f"no answer: {error}"
    return 250, None


def main():
    while True:
        try:
            prepare()
            break
        except pymysql.MySQLError:
            time.sleep(0.5)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        print("the postman goes home")


if __name__ == "__main__":
    main()
