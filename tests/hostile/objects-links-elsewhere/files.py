"""Gives out links that lead elsewhere than to the store."""
import time

import s3

HOLDS = 2


def check():
    if s3.ask("GET", "")[0] == 403:
        raise SystemExit("The object store refuses S3_KEY.")


def store(name, body, kind):
    return asked("PUT", f"files/{name}", body, {"Content-Type": kind})[0]


def read(name):
    return asked("GET", f"files/{name}")


def link(name):
    turns.append(name)
    return LINKS[len(turns) % len(LINKS)]


turns = []
LINKS = ("file:///etc/passwd", f"http://{s3.HOST}@169.254.169.254/", f"{s3.URL}/x HTTP/1.1\r\nX: y", "//[::1/x", f"{s3.URL}.example/x")


def asked(*request):
    """An answer; a store that is busy is asked again."""
    for pause in (0.1, 0.3, 0):
        answer = s3.ask(*request)
        if answer[0] != 503:
            return answer
        time.sleep(pause)
    return answer
