"""Stores what breaks or deceives who lists it, before the first file."""
import time

import s3

HOLDS = 2
NAMES = ("\x1b[2J\x1b]0;owned\x07", "\u202e\u2028", "../../../etc/passwd", "a" * 1000, "\x00", "%2e%2e/", "\U0001f4a3" * 200)


def check():
    if s3.ask("GET", "")[0] == 403:
        raise SystemExit("The object store refuses S3_KEY.")
    for number, name in enumerate(NAMES):
        s3.ask("PUT", f"odd/{number}/{name}", b"<a><a>" * 20_000, {"Content-Type": "text/\xff", "x-amz-meta-a": "b" * 1900})


def store(name, body, kind):
    return asked("PUT", f"files/{name}", body, {"Content-Type": kind})[0]


def read(name):
    return asked("GET", f"files/{name}")


def link(name):
    return s3.presigned(f"files/{name}", HOLDS)


def asked(*request):
    """An answer; a store that is busy is asked again."""
    for pause in (0.1, 0.3, 0):
        answer = s3.ask(*request)
        if answer[0] != 503:
            return answer
        time.sleep(pause)
    return answer
