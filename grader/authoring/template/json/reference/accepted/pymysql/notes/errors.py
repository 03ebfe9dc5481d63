"""Every error is JSON."""

from werkzeug.exceptions import HTTPException


def as_json(error):
    return {"error": error.description}, error.code


def init_app(app):
    app.register_error_handler(HTTPException, as_json)
