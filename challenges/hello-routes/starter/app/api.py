"""JSON for programs. A view that returns a dictionary answers with JSON."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

# TODO: GET /calc/<operation>/<int:a>/<int:b>. (The prefix /api is added in __init__.py.)
#
# @blueprint.get("/calc/<operation>/<int:a>/<int:b>")
# def calculate(operation, a, b):
#     …
#     return {"result": …}

# TODO: POST /echo. Check each key of request.get_json() before you use it.
# TODO: GET and POST /notes; GET and DELETE /notes/<int:note_id>.
# TODO: POST and DELETE of notes need the header Authorization: Bearer <API_TOKEN>.
# TODO: GET /boom raises RuntimeError with the text of ?why=.
