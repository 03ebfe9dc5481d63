"""A shop's catalogue."""

import os

from flask import Flask

from . import database, pages


def create_app():
    app = Flask(__name__)
    # What the environment says is in app.config, and in every template as config.DB_NAME.
    for name in ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"):
        app.config[name] = os.environ[name]
    database.init_app(app)
    app.register_blueprint(pages.blueprint)
    return app
