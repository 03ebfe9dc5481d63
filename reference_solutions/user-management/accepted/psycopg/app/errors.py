"""One form for all errors: a JSON object with a sentence."""

import psycopg
from flask import jsonify
from werkzeug.exceptions import HTTPException


def of_http(error):
    response = jsonify(error=error.description or error.name)
    response.status_code = error.code
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def of_database(_error):
    return {"error": "The database cannot be reached."}, 503


def init_app(app):
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(psycopg.OperationalError, of_database)
