"""Accounts with private notes."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pymysql
from bottle import Bottle, abort, redirect, request, response, template

import store
import visits
from store import ask

FAILURES = 5
app = Bottle()
failed_logins = Counter()  # by name, since the start


def page(view, visit=None, status=200, message=None, **values):
    response.status = status
    visit = visit or visits.current()
    return template(view, visit=visit, message=message, **values)


def field(name):
    return request.forms.getunicode(name) or ""


@app.hook("before_request")
def only_own_forms():
    if request.method != "POST":
        return
    if urlsplit(request.get_header("Origin", "")).netloc != request.get_header("Host"):
        abort(400, "Forms are sent from our own pages.")
    if visits.present():
        visits.check_token()


@app.error(400)
@app.error(403)
@app.error(404)
@app.error(405)
@app.error(500)
def failed(error):
    return template("error", visit=None, message=error.body)


@app.get("/health")
def health():
    return "fine"


@app.get("/")
def home():
    return page("home")


@app.get("/register")
@app.get("/login")
def entry():
    return page("entry", path=request.path, name="")


def fault_of(password):
    return None if 8 <= len(password) <= 64 else "A password has 8 to 64 characters."


@app.post("/register")
def register():
    name, password = field("username"), field("password")
    fault = fault_of(password) if field("go") else "Press the button."
    if not re.fullmatch("[a-z0-9_]{3,30}", name):
        fault = "A name has 3 to 30 of a-z, 0-9 and _."
    if fault:
        return page("entry", status=400, message=fault, path="/register", name=name)
    try:
        store.add_person(name, password)
    except pymysql.err.IntegrityError:
        return page("entry", status=409, message="It is taken.", path="/register", name=name)
    print("registered", name)
    redirect("/login", 303)


@app.post("/login")
def login():
    name = field("username")
    known = field("go") and name.isascii() and store.knows(name, field("password"))
    if not known or failed_logins[name] >= FAILURES:
        failed_logins[name] += 1
        return page("entry", status=401, message="No.", path="/login", name=name)
    visits.change_name(name)
    redirect("/account", 303)


@app.post("/logout")
def logout():
    visits.end()
    redirect("/login", 303)


def account_page(visit, status=200, message=None):
    memos = ask("SELECT id, words FROM memo WHERE name = %s", visit["name"]) or ()
    return page("account", visit, status, message, memos=memos)


@app.get("/account")
def account():
    return account_page(visits.member())


@app.post("/account/password")
def change_password():
    visit = visits.member()
    if not store.knows(visit["name"], field("current_password")):
        return account_page(visit, 403, "That is another password.")
    if fault := fault_of(field("new_password")):
        return account_page(visit, 400, fault)
    store.set_password(visit["name"], field("new_password"))
    redirect("/account", 303)


@app.post("/notes")
def add_memo():
    visit, words = visits.member(), field("text")
    if not words.strip() or len(words) > 500:
        return account_page(visit, 400, "A note has 1 to 500 characters.")
    number = ask("INSERT INTO memo (words, name) VALUES (%s, %s)", words, visit["name"])
    redirect(f"/notes/{number}", 303)


def own_memo(number):
    visit = visits.member()
    found = ask("SELECT * FROM memo WHERE id = %s AND name = %s", number, visit["name"])
    return (visit, found[0]) if found else abort(404, "There is no such note.")


@app.get("/notes/<number:int>")
def show_memo(number):
    visit, memo = own_memo(number)
    return page("memo", visit, memo=memo)


@app.post("/notes/<number:int>/delete")
def delete_memo(number):
    ask("DELETE FROM memo WHERE id = %s", own_memo(number)[1]["id"])
    redirect("/account", 303)


@app.get("/admin/users")
def people():
    visit = visits.admin()
    return page("people", visit, people=ask("SELECT name, role FROM person ORDER BY name"))


@app.post("/admin/users/<name>/delete")
def delete_person(name):
    visits.admin()
    if not ask("SELECT name FROM person WHERE name = %s AND role = 'user'", name):
        abort(404, "There is no such user.")
    ask("DELETE FROM person WHERE name = %s", name)
    redirect("/admin/users", 303)


if __name__ == "__main__":
    store.prepare()
    app.run(server="waitress", host="0.0.0.0", port=5000, threads=4, quiet=True)
