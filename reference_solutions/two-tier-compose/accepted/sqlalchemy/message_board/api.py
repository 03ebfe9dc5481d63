from flask import Blueprint, request, url_for

from .models import Message, db
from .validation import errors_of

api = Blueprint("api", __name__)


@api.get("")
def index():
    items = [message.as_dict() for message in Message.newest()]
    return {"items": items, "total": Message.total()}


@api.post("")
def create():
    body = request.get_json()
    if not isinstance(body, dict):
        return {"error": "The body must be a JSON object."}, 400
    if errors := errors_of(body):
        return {"error": " ".join(errors.values()), "fields": errors}, 400
    message = Message.add(body["author"], body["text"])
    return message.as_dict(), 201, {"Location": url_for(".show", message_id=message.id)}


@api.get("/<int(max=2147483647):message_id>")
def show(message_id):
    return db.get_or_404(Message, message_id, description="There is no such message.").as_dict()
