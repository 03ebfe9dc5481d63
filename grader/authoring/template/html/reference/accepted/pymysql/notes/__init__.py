"""The app."""

import os

from flask import Flask

from notes import routes, store


def create_app():
    app = Flask(__name__)
    app.secret_key = os.environ["SECRET_KEY"]
    app.register_blueprint(routes.notes)
    store.init()
    return app
