"""The contact desk."""

import os
from urllib.parse import quote

import bottle
import waitress
from bottle import Bottle, abort, redirect, request, response, template

import rules
import store
import visits
from store import ask

TOPICS = os.environ["SUBJECTS"].split("|")
NAMES = ("name", "email", "subject", "message", "consent")
bottle.BaseRequest.MEMFILE_MAX = 256 * 1024
app = Bottle()


def field(name):
    return request.forms.getunicode(name) or ""


def theme():
    found = request.get_cookie("theme")
    return found if found == "dark" else "light"


def page(view, status=200, **values):
    response.status = status
    news = visits.take_news()
    return template(view, theme=theme(), news=news, token=visits.token(), **values)


@app.hook("before_request")
def only_own_forms():
    if request.method == "POST":
        visits.check_token()


@app.error(400)
@app.error(403)
@app.error(404)
@app.error(405)
@app.error(413)
@app.error(500)
def failed(error):
    response.content_type = "text/html; charset=utf-8"
    return template("error", theme=theme(), status=error.status_line)


@app.get("/health")
def health():
    return "fine"


@app.get("/")
def home():
    return page("home")


def form(status=200, values=None, faults=None):
    values = values or dict.fromkeys(NAMES, "")
    return page("contact", status, topics=TOPICS, values=values, faults=faults or {})


@app.get("/contact")
def contact():
    return form()


@app.post("/contact")
def take():
    values = {name: field(name) for name in NAMES}
    values |= {name: values[name].strip() for name in ("name", "email")}
    faults = rules.faults(*(values[name] for name in NAMES), TOPICS)
    if faults:
        return form(400, values, faults)
    ask(
        "INSERT INTO letter (sender, address, topic, words)"
        " SELECT %s, %s, id, %s FROM topic WHERE label = %s",
        values["name"], values["email"], values["message"], values["subject"],
    )  # fmt: skip
    visits.say(f"Thank you, {values['name']}")
    return redirect("/contact", 303)


@app.post("/theme")
def choose():
    chosen = field("theme")
    if chosen not in ("dark", "light"):
        abort(400, "No such theme.")
    visits.set_cookie("theme", chosen, max_age=31 * 86400)
    return redirect("/contact", 303)


@app.get("/login")
def door():
    return page("login", wanted=request.query.getunicode("next") or "", refused=False)


@app.post("/login")
def enter():
    wanted = request.query.getunicode("next") or field("next")
    keys = (os.environ["CLERK_USERNAME"], os.environ["CLERK_PASSWORD"])
    if (field("username"), field("password")) != keys:
        return page("login", 401, wanted=wanted, refused=True)
    visits.admit()
    return redirect(wanted if rules.is_ours(wanted) else "/messages", 303)


@app.post("/logout")
def leave():
    visits.end()
    return redirect("/contact", 303)


def clerk_only():
    if not visits.is_clerk():
        query = f"?{request.query_string}" if request.query_string else ""
        redirect(f"/login?next={quote(request.path + query, safe='')}", 302)


LETTERS = (
    "SELECT letter.id, sender, address, label, words FROM letter"
    " JOIN topic ON topic.id = letter.topic"
)


@app.get("/messages")
def letters():
    clerk_only()
    return page("letters", letters=ask(f"{LETTERS} ORDER BY letter.id DESC"))


@app.get("/messages/<number:re:[0-9]{1,15}>")
def letter(number):
    clerk_only()
    found = ask(f"{LETTERS} WHERE letter.id = %s", int(number))
    if not found:
        abort(404, "There is none.")
    return page("letter", letter=found[0])


@app.post("/messages/<number:re:[0-9]{1,15}>/delete")
def delete(number):
    clerk_only()
    if not ask("DELETE FROM letter WHERE id = %s", int(number)):
        abort(404, "There is none.")
    visits.say("One message was deleted")
    return redirect("/messages", 303)


store.prepare(TOPICS)
waitress.serve(
    app, host="0.0.0.0", port=5000, threads=6,
    trusted_proxy="*", trusted_proxy_headers="x-forwarded-proto",
)  # fmt: skip
