"""Accounts, tokens and roles as a JSON API."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from .articles import articles
from .config import from_environment
from .models import create_tables, db
from .people import people
from .sessions import sessions


def create_app(config=None):
    """Make the app, with `config` (for tests) or with what the environment says."""
    app = Flask(__name__)
    app.config.update(config or from_environment())
    db.init_app(app)
    for blueprint in (sessions, people, articles):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, as_json)
    with app.app_context():
        create_tables(app.config["ADMIN_USERNAME"], app.config["ADMIN_PASSWORD"])

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app


def as_json(error):
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return {"error": error.description or error.name}, error.code, headers
