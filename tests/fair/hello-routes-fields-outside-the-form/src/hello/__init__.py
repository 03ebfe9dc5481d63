import os
import re
import uuid

from flask import Flask, g, json, render_template, request, url_for
from flask.views import MethodView
from werkzeug.exceptions import HTTPException, NotFound, BadRequest, Conflict, Unauthorized, UnsupportedMediaType
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.routing import BaseConverter, ValidationError


class Upto(BaseConverter):
    regex = "0*[0-9]{1,7}"

    def to_python(self, value):
        number = int(value[-7:])
        if len(value) > 7 and value[:-7].strip("0") or number > 1000000:
            raise ValidationError()
        return number


class Key(BaseConverter):
    """The id of a note: what is none becomes None, so that the view may ask for the token first."""
    regex = "[^/]+"

    def to_python(self, value):
        return int(value) if re.fullmatch(r"[1-9][0-9]{0,11}", value) else None

    def to_url(self, value):
        return str(value)


class Application(Flask):
    def make_config(self, instance_relative=False):
        config = super().make_config(instance_relative)
        config["MAX_FORM_MEMORY_SIZE"] = None
        config.from_prefixed_env("API", loads=str)         # API_TOKEN -> TOKEN
        config.from_prefixed_env("ALLOWED", loads=str)     # ALLOWED_ORIGIN -> ORIGIN
        return config


app = Application(__name__, template_folder="pages")
app.url_map.strict_slashes = False
app.url_map.converters.update(upto=Upto, key=Key)
people = {"ada": "Countess, <mathematician> & poet."}
notes = {}


def api_path():
    return request.path.startswith("/api/")


class Page(MethodView):
    template = "base.jinja"
    init_every_request = False

    def get(self, **values):
        return render_template(self.template, **values)


class Greeting(Page):
    template = "greeting.jinja"


class Register(Page):
    template = "register.jinja"

    def post(self):
        self_fields = {"name": request.form.get("name", ""), "about": request.form.get("about", "")}
        refuse = lambda status, why: (render_template(self.template, why=why, **self_fields), status)
        name, about = self_fields.values()
        if not re.fullmatch("[a-z0-9]{1,20}", name) or name == "new":
            return refuse(400, "This cannot be a name.")
        if len(about) > 200:
            return refuse(400, "That is too much about you.")
        if people.setdefault(name, new := _Text(about)) is not new:
            return refuse(409, "The name is taken.")
        return "", 303, {"Location": url_for("profile", name=name, _external=True), "Content-Type": "text/html; charset=UTF-8"}


class _Text(str):
    """A text of its own identity, so that setdefault tells who was first."""


class Profile(Page):
    template = "profile.jinja"

    def get(self, name):
        if name not in people:
            raise NotFound("Nobody has this name.")
        return super().get(name=name, about=people[name])


class Boom(MethodView):
    def get(self):
        raise RuntimeError(request.args.get("why", "no reason"))


class Calc(MethodView):
    def get(self, operation, a, b):
        if operation == "divide" and not b:
            raise BadRequest("b is zero.")
        return {"result": {"add": int.__add__, "subtract": int.__sub__, "multiply": int.__mul__,
                           "divide": int.__truediv__}[operation](a, b)}


def guarded(view):
    def check(*args, **kwargs):
        if request.headers.get("Authorization") != f"Bearer {app.config['TOKEN']}":
            raise Unauthorized("Who are you?", www_authenticate=WWWAuthenticate("bearer", {"realm": "notes"}))
        return view(*args, **kwargs)
    return check


def body_of(**rules):
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Say application/json.")
    try:
        value = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BadRequest("This is no JSON.") from None
    if type(value) is not dict:
        raise BadRequest("An object is needed.")
    for key, rule in rules.items():
        if key not in value or not rule(value[key]):
            raise BadRequest(f"{key} is missing or not as it has to be.")
    return [value[key] for key in rules]


def is_text(value):
    return type(value) is str and 0 < len(value) < 201


class Echo(MethodView):
    def post(self):
        message, repeat = body_of(message=is_text, repeat=lambda n: type(n) is int and 0 < n < 11)
        return {"echo": repeat * [message]}


class Notes(MethodView):
    counter = iter(range(1, 1 << 62))

    def get(self):
        return {"notes": [{"id": k, "text": v} for k, v in list(notes.items())]}

    @guarded
    def post(self):
        [text] = body_of(text=is_text)
        number = next(self.counter)
        notes[number] = text
        return {"text": text, "id": number}, 201, {"Location": url_for("note", key=number, _external=True)}


class Note(MethodView):
    def get(self, key):
        try:
            return {"id": key, "text": notes[key]}
        except KeyError:
            raise NotFound("No such note.") from None

    @guarded
    def delete(self, key):
        if notes.pop(key, None) is None:
            raise NotFound("No such note.")
        return "", 204


for rule, name, view in [
    ("/", "home", Page), ("/hello", "world", Greeting), ("/hello/<name>", "hello", Greeting),
    ("/users/new", "register", Register), ("/users/<name>", "profile", Profile),
    ("/boom", "boom", Boom), ("/api/boom", "boom2", Boom),
    ("/api/calc/<any(add,subtract,multiply,divide):operation>/<upto:a>/<upto:b>", "calc", Calc),
    ("/api/echo", "echo", Echo), ("/api/notes", "notes", Notes), ("/api/notes/<key:key>", "note", Note),
]:
    app.add_url_rule(rule, view_func=view.as_view(name))
app.add_url_rule("/health", view_func=lambda: {"status": "ok"}, endpoint="health")


@app.errorhandler(HTTPException)
def failed(error):
    answer = error.get_response()
    said = "Something broke." if error.code == 500 else error.description
    if api_path() or request.path == "/health":
        answer.data, answer.content_type = json.dumps({"error": said}), "application/json"
    else:
        answer.data = render_template("error.jinja", code=error.code, said=said)
        answer.content_type = "text/html; charset=UTF-8"
    return answer


@app.after_request
def headers(answer):
    given = request.headers.get("X-Request-ID", "")
    answer.headers["x-request-id"] = given if re.fullmatch("[0-9A-Za-z-]+", given) else uuid.uuid4().hex
    if api_path():
        answer.vary.add("Origin")
        answer.headers["access-control-allow-origin"] = app.config["ORIGIN"]   # always the allowed one
        answer.headers["access-control-allow-credentials"] = "true"
        if request.method == "OPTIONS":
            answer.headers["access-control-allow-methods"] = ",".join(answer.allow)
            answer.headers["access-control-allow-headers"] = "authorization,content-type,x-request-id"
            answer.headers["access-control-max-age"] = "600"
    return answer
