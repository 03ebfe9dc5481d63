"""Every error is answered as JSON: {"error": "…"}."""

from flask import current_app
from werkzeug.exceptions import HTTPException


def http_error(error):
    # The headers are kept, as a 405 has to name the allowed methods in Allow.
    response = error.get_response()
    response.data = current_app.json.dumps({"error": error.description or error.name})
    response.content_type = "application/json"
    return response


def init_app(app):
    app.register_error_handler(HTTPException, http_error)
