"""Notes in notebooks, as a JSON API over SQLite."""

import os

from flask import Flask


def create_app():
    app = Flask(__name__)
    app.config["DATABASE_PATH"] = os.environ["DATABASE_PATH"]
    # TODO: BACKUP_TOKEN in the same way; see README.md.
    # TODO: make the tables, and register the routes.

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
