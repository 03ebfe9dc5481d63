"""Errors: JSON below /api, Flask's own pages elsewhere."""

from flask import jsonify, request
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, ServiceUnavailable


def register_errors(app):
    @app.errorhandler(HTTPException)
    def http_error(error):
        if not request.path.startswith("/api/"):
            return error
        answer = jsonify(error=error.description)
        answer.status_code = error.code
        if getattr(error, "valid_methods", None):  # a 405 names the methods that there are
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_away(error):
        app.logger.warning("No database: %s", error.orig)
        return http_error(ServiceUnavailable("The database is not available at the moment."))
