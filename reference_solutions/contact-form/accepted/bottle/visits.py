"""Who visits: a number in a cookie, all else in MySQL."""

import hashlib
import hmac
import os
import secrets

from bottle import abort, request, response

from store import ask


def key(number):
    """What the database knows a visit by: whoever reads the table has no cookie."""
    return hashlib.sha256(number.encode()).hexdigest()


def is_https():
    return request.urlparts.scheme == "https"


def set_cookie(name, value, **options):
    if is_https():
        options["secure"] = True
    response.set_cookie(name, value, path="/", httponly=True, samesite="strict", **options)


def begin():
    number = secrets.token_hex(24)
    ask("INSERT INTO visit (id) VALUES (%s)", key(number))
    set_cookie("visit", number)
    request.environ["desk.visit"] = number
    return number


def current():
    """The number of this visit; a new one where the browser has none that is known."""
    if known := request.environ.get("desk.visit"):
        return known
    number = request.get_cookie("visit") or ""
    if ask("SELECT id FROM visit WHERE id = %s", key(number)):
        request.environ["desk.visit"] = number
        return number
    return begin()


def end():
    ask("DELETE FROM visit WHERE id = %s", key(current()))
    return begin()


def token():
    return hmac.new(os.environ["SECRET_KEY"].encode(), current().encode(), "sha256").hexdigest()


def check_token():
    sent = request.forms.get("csrf_token") or ""
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), token().encode()):
        abort(403, "Please open the page again.")


def is_clerk():
    found = ask("SELECT clerk FROM visit WHERE id = %s", key(current()))
    return bool(found and found[0]["clerk"])


def admit():
    ask("DELETE FROM visit WHERE id = %s", key(current()))
    begin()
    ask("UPDATE visit SET clerk = 1 WHERE id = %s", key(current()))


def say(text):
    ask("UPDATE visit SET news = %s WHERE id = %s", text, key(current()))


def take_news():
    found = ask("SELECT news FROM visit WHERE id = %s", key(current()))
    if found and found[0]["news"]:
        ask("UPDATE visit SET news = NULL WHERE id = %s", key(current()))
        return found[0]["news"]
    return ""
