"""The API of a blog."""

import os

from flask import Flask
from werkzeug.exceptions import HTTPException

from . import database, posts, users
from .checks import Refused


def create_app():
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=256 * 1024, DATABASE=database.settings(os.environ))
    app.json.sort_keys = False
    app.teardown_appcontext(database.close)
    app.register_blueprint(users.blueprint)
    app.register_blueprint(posts.blueprint)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.errorhandler(Refused)
    def refused(error):
        return {"error": error.message}, error.status

    @app.errorhandler(HTTPException)
    def failed(error):
        return {"error": error.description}, error.code

    return app
