"""A todo list as a JSON API."""

import os

from flask import Flask

from . import database, errors, todos


def create_app():
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="5b1e07fa93cd46d8",
        DB_HOST=os.environ["DB_HOST"],
        DB_PORT=int(os.environ["DB_PORT"]),
        DB_NAME=os.environ["DB_NAME"],
        DB_USER=os.environ["DB_USER"],
        DB_PASSWORD=os.environ["DB_PASSWORD"],
    )
    app.json.sort_keys = False  # fields in the order in which todos.py names them

    database.init_app(app)
    errors.init_app(app)
    app.register_blueprint(todos.blueprint)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
