"""The till of a shop."""

import os

from flask import Flask
from werkzeug.exceptions import HTTPException

from . import carts, catalogue, database, orders
from .checks import Refused


def create_app():
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        DB_HOST=os.environ["DB_HOST"],
        DB_PORT=int(os.environ["DB_PORT"]),
        DB_NAME=os.environ["DB_NAME"],
        DB_USER=os.environ["DB_USER"],
        DB_PASSWORD=os.environ["DB_PASSWORD"],
    )
    database.init_app(app)
    app.register_blueprint(catalogue.blueprint)
    app.register_blueprint(carts.blueprint)
    app.register_blueprint(orders.blueprint)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.errorhandler(Refused)
    def refused(error):
        return {"error": error.word, "message": error.message, **error.more}, error.status

    @app.errorhandler(HTTPException)
    def failed(error):
        word = error.name.lower().replace(" ", "_")
        return {"error": word, "message": error.description}, error.code

    return app
