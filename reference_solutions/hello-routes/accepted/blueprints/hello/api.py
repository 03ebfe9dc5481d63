"""JSON for programs."""

import re
from secrets import compare_digest

from flask import Blueprint, abort, current_app, jsonify, make_response, request, url_for
from flask.views import MethodView
from werkzeug.exceptions import BadRequest

api = Blueprint("api", __name__)


def body():
    value = request.get_json()
    if not isinstance(value, dict):
        raise BadRequest("Send a JSON object.")
    return value


def text_of(value, key):
    text = value.get(key)
    if isinstance(text, str) and 0 < len(text) <= 200:
        return text
    raise BadRequest(f"{key}: a text of 1 to 200 characters is needed.")


class Boom(MethodView):
    def get(self):
        raise RuntimeError(request.args.get("why"))


class Calculator(MethodView):
    def get(self, operation, a, b):
        a, b = self.number(a), self.number(b)
        if operation == "divide" and not b:
            raise BadRequest("b must not be 0.")
        match operation:
            case "add":
                result = a + b
            case "subtract":
                result = a - b
            case "multiply":
                result = a * b
            case "divide":
                result = a / b
        return jsonify(result=result)

    def number(self, text):
        if re.fullmatch("[0-9]{1,7}", text) and int(text) <= 1_000_000:
            return int(text)
        abort(404)


class Echo(MethodView):
    def post(self):
        value = body()
        message, repeat = text_of(value, "message"), value.get("repeat")
        if type(repeat) is not int or repeat not in range(1, 11):
            raise BadRequest("repeat: a whole number from 1 to 10 is needed.")
        return jsonify(echo=[message] * repeat)


class NotesView(MethodView):
    def dispatch_request(self, **kwargs):
        """Whatever changes something needs the token."""
        if request.method in {"POST", "DELETE"} and not self.has_token():
            abort(
                make_response(
                    jsonify(error="The token is missing or wrong."),
                    401,
                    {
                        "WWW-Authenticate": 'Bearer realm="notes"',
                    },
                )
            )
        return super().dispatch_request(**kwargs)

    @property
    def store(self):
        return current_app.extensions["store"]

    def has_token(self):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        right = current_app.config["API_TOKEN"].encode()
        return scheme == "Bearer" and compare_digest(token.encode(), right)


class Notes(NotesView):
    def get(self):
        return jsonify(notes=list(self.store.notes.values()))

    def post(self):
        note = self.store.add_note(text_of(body(), "text"))
        place = url_for("api.note", note_id=note["id"], _external=True)
        return jsonify(note), 201, {"Location": place}


class Note(NotesView):
    def get(self, note_id):
        return self.store.notes.get(note_id) or abort(404)

    def delete(self, note_id):
        return ("", 204) if self.store.notes.pop(note_id, None) else abort(404)


RULE = "/calc/<any(add, subtract, multiply, divide):operation>/<a>/<b>"
api.add_url_rule("/boom", view_func=Boom.as_view("boom"))
api.add_url_rule(RULE, view_func=Calculator.as_view("calc"))
api.add_url_rule("/echo", view_func=Echo.as_view("echo"))
api.add_url_rule("/notes", view_func=Notes.as_view("notes"))
api.add_url_rule("/notes/<int:note_id>", view_func=Note.as_view("note"))
