"""Accounts with private notes."""

import logging
import os

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException

from . import accounts, admin, database, notes, security


def create_app():
    logging.basicConfig(level=logging.INFO)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="supersecretkey",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024,
        DB_HOST=os.environ["DB_HOST"],
        DB_PORT=int(os.environ["DB_PORT"]),
        DB_NAME=os.environ["DB_NAME"],
        DB_USER=os.environ["DB_USER"],
        DB_PASSWORD=os.environ["DB_PASSWORD"],
        ADMIN_USERNAME=os.environ["ADMIN_USERNAME"],
        ADMIN_PASSWORD=os.environ["ADMIN_PASSWORD"],
    )
    database.init_app(app)
    security.init_app(app)
    app.register_blueprint(accounts.blueprint)
    app.register_blueprint(notes.blueprint)
    app.register_blueprint(admin.blueprint)

    @app.errorhandler(HTTPException)
    def failed(error):
        return render_template("error.html", error=error), error.code

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/")
    def home():
        return render_template("home.html")

    return app
