"""Who somebody is, and what they may do: an API with access and refresh tokens."""

import os

from flask import Flask

from . import accounts, articles, database, errors, users

SETTINGS = (
    "DB_HOST",
    "DB_PORT",
    "DB_NAME",
    "DB_USER",
    "DB_PASSWORD",
    "JWT_SECRET",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "ACCESS_SECONDS",
    "REFRESH_SECONDS",
)


def create_app():
    app = Flask(__name__)
    app.config.update({name: os.environ[name] for name in SETTINGS})
    for name in ("DB_PORT", "ACCESS_SECONDS", "REFRESH_SECONDS"):
        app.config[name] = int(app.config[name])

    errors.init_app(app)
    database.init_app(app)
    for module in (accounts, articles, users):
        app.register_blueprint(module.blueprint)
    with app.app_context():
        accounts.make_administrator(os.environ["ADMIN_USERNAME"], os.environ["ADMIN_PASSWORD"])

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
