"""One form for all errors: {"error": "…"}, and "fields" where fields of the body are wrong."""

from flask import jsonify
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException


class ValidationError(Exception):
    def __init__(self, message, **fields):
        super().__init__(message)
        self.answer = {"error": message} | ({"fields": fields} if fields else {})


def register_errors(app):
    @app.errorhandler(ValidationError)
    def invalid(error):
        return error.answer, 400

    @app.errorhandler(HTTPException)
    def http_error(error):
        answer = jsonify(error=error.description)
        answer.status_code = error.code
        if getattr(error, "valid_methods", None):  # a 405 names the methods that there are
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_away(error):
        app.logger.warning("No database: %s", error.orig)
        return {"error": "The database is not available at the moment."}, 503
