"""The app."""

from flask import Flask

from notes import errors, routes, store


def create_app():
    app = Flask(__name__)
    app.register_blueprint(routes.notes)
    errors.init_app(app)
    store.init()
    return app
