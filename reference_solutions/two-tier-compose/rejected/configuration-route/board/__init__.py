"""A message board: pages for people, JSON for programs."""

import os

import pymysql
from flask import Flask, request

from . import api, database, pages


def required(name):
    """A variable of the environment. There is no default: a forgotten secret has to show."""
    value = os.environ.get(name)
    if not value:  # Compose passes a variable that is not set as an empty text
        raise RuntimeError(f"{name} is not set. Copy .env.example to .env and fill it in.")
    return value


def create_app():
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=required("SECRET_KEY"),
        DB_HOST=required("DB_HOST"),
        DB_NAME=required("DB_NAME"),
        DB_USER=required("DB_USER"),
        DB_PASSWORD=required("DB_PASSWORD"),
    )
    app.json.sort_keys = False

    app.teardown_appcontext(database.close)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint)

    # MySQL refuses the connection, or it is lost on the way.
    @app.errorhandler(pymysql.err.OperationalError)
    @app.errorhandler(pymysql.err.InterfaceError)
    def database_away(error):
        app.logger.warning("MySQL: %s", error)  # the details are for the log only
        message = "The database cannot be reached. Try again later."
        return ({"error": message} if request.path.startswith("/api/") else message), 503

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/config")
    def configuration():
        return {name: str(value) for name, value in app.config.items()}

    return app
