"""A todo list as a JSON API."""

import os

from flask import Flask

from . import errors, todos


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    # TODO: read DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD in the same way.

    errors.init_app(app)
    app.register_blueprint(todos.blueprint)
    # TODO: create the table; see database.py.

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
