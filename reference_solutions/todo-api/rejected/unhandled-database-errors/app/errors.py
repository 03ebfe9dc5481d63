"""Every error is answered as JSON: {"error": "…"}, with "fields" where fields are wrong."""

from flask import current_app
from werkzeug.exceptions import HTTPException


class Invalid(Exception):
    """The request breaks a rule. `fields` says for each wrong field what is wrong with it."""

    def __init__(self, message, fields=None):
        super().__init__(message)
        self.message = message
        self.fields = fields


def invalid(error):
    body = {"error": error.message}
    if error.fields:
        body["fields"] = error.fields
    return body, 400


def http_error(error):
    # 404, 405, 415 …; Flask turns an exception that nobody catches into a 500 and calls this too.
    # The headers are kept, as a 405 has to name the allowed methods in Allow.
    response = error.get_response()
    response.data = current_app.json.dumps({"error": error.description})
    response.content_type = "application/json"
    return response


def init_app(app):
    app.register_error_handler(Invalid, invalid)
    app.register_error_handler(HTTPException, http_error)
