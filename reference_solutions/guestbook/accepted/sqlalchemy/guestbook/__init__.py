"""The guestbook."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from .authors import authors
from .entries import entries
from .models import Session, prepare


def create_app():
    app = Flask(__name__)
    prepare()
    app.register_blueprint(entries)
    app.register_blueprint(authors, url_prefix="/authors")
    app.add_url_rule("/health", view_func=lambda: "OK", endpoint="health")

    @app.teardown_appcontext
    def give_back(error):
        Session.remove()

    @app.errorhandler(HTTPException)
    def failed(error):
        return f"<!doctype html><title>{error.code}</title><h1>{error.name}</h1>", error.code

    return app
