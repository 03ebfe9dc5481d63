"""What may be entered."""

from flask import abort, request

RATINGS = ("1", "2", "3", "4", "5")


def name():
    found = request.form.get("name", "").strip()
    if not 1 <= len(found) <= 50 or len(found.splitlines()) > 1 or "\0" in found:
        abort(400, "A name has 1 to 50 characters in one line.")
    return found


def message():
    found = request.form.get("message", "")
    if not found.strip() or len(found) > 500:
        abort(400, "A message has 1 to 500 characters.")
    return found


def rating():
    found = request.form.get("rating")
    if found not in RATINGS:
        abort(400, "A rating is a number from 1 to 5.")
    return int(found)
