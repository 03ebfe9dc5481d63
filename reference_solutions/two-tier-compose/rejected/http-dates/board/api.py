"""The same messages as JSON."""

from flask import Blueprint, abort, request, url_for
from werkzeug.exceptions import HTTPException

from . import messages

blueprint = Blueprint("api", __name__, url_prefix="/api/messages")


def to_json(message):
    return message


def find(message_id):
    return messages.find(message_id) or abort(404, "There is no such message.")


@blueprint.errorhandler(HTTPException)
def http_error(error):
    return {"error": error.description}, error.code


@blueprint.get("")
def list_messages():
    return {"items": [to_json(one) for one in messages.latest()], "total": messages.count()}


@blueprint.post("")
def create_message():
    data = request.get_json()
    if not isinstance(data, dict):
        abort(400, "The body has to be a JSON object.")
    author, text = data.get("author"), data.get("text")
    problems = messages.problems(author, text)
    if problems:
        return {"error": "The message is not valid.", "fields": problems}, 400
    message_id = messages.save(author, text)
    location = url_for("api.get_message", message_id=message_id)
    return to_json(find(message_id)), 201, {"Location": location}


@blueprint.get("/<int:message_id>")
def get_message(message_id):
    return to_json(find(message_id))
