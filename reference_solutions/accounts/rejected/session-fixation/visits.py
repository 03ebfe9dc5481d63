"""Sessions that are kept in MySQL; the cookie is a random number that only the browser has."""

import hashlib
import secrets

from bottle import abort, redirect, request, response

from store import ask

COOKIE = "visit"


def digest(number):
    return hashlib.sha256(number.encode()).hexdigest()


def begin(name=None):
    """A new session, of `name` once somebody is signed in."""
    number, token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    ask("INSERT INTO visit (digest, token, name) VALUES (%s, %s, %s)", digest(number), token, name)
    response.set_cookie(COOKIE, number, path="/", httponly=True, samesite="lax")
    return {"token": token, "name": name, "role": None}


def end():
    ask("DELETE FROM visit WHERE digest = %s", digest(request.get_cookie(COOKIE) or ""))


def present():
    """The session of this request, or None."""
    found = ask(
        "SELECT v.token, v.name, p.role FROM visit v LEFT JOIN person p ON p.name = v.name "
        "WHERE v.digest = %s",
        digest(request.get_cookie(COOKIE) or ""),
    )
    return found[0] if found else None


def change_name(name):
    """Sign `name` in, in the session of this browser."""
    if present():
        number = digest(request.get_cookie(COOKIE))
        ask("UPDATE visit SET name = %s WHERE digest = %s", name, number)
    else:
        begin(name)


def current():
    return present() or begin()


def member():
    """The session of somebody who is signed in; anybody else goes to the login."""
    visit = present()
    if not visit or not visit["name"]:
        redirect("/login", 303)
    return visit


def admin():
    visit = member()
    if visit["role"] != "admin":
        abort(403, "This is for administrators.")
    return visit


def check_token():
    visit = present()
    if not visit or request.forms.get("token") != visit["token"]:
        abort(400, "Open the page again, and send its form.")
