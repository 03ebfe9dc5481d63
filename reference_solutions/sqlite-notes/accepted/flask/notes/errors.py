"""Every error is JSON."""

import sqlite3

from flask import jsonify
from werkzeug.exceptions import HTTPException

from . import database


class Refused(Exception):
    """What a client has sent cannot be taken."""

    def __init__(self, message, status=400):
        self.message = message
        self.status = status
        super().__init__(message)


def init_app(app):
    app.teardown_appcontext(database.close)

    @app.errorhandler(Refused)
    def refused(error):
        return jsonify(error=error.message), error.status

    @app.errorhandler(HTTPException)
    def of_flask(error):
        response = error.get_response()
        response.data = jsonify(error=error.description or error.name).data
        response.content_type = "application/json"
        return response

    @app.errorhandler(sqlite3.Error)
    def of_the_database(error):
        app.logger.error("The database failed: %s", error)
        return jsonify(error="The notes cannot be reached now. Try again later."), 503

    @app.errorhandler(Exception)
    def unforeseen(error):
        app.logger.exception("A request failed")
        return jsonify(error="Something went wrong."), 500
