"""Notes in notebooks, as a JSON API over SQLite."""

import os
import sqlite3

from flask import Flask

from . import backup, database, errors, notebooks, texts


def create_app():
    app = Flask(__name__)
    app.config["DATABASE_PATH"] = os.environ["DATABASE_PATH"]
    app.config["BACKUP_TOKEN"] = os.environ["BACKUP_TOKEN"]

    errors.init_app(app)
    app.register_blueprint(notebooks.blueprint)
    app.register_blueprint(texts.blueprint)
    app.register_blueprint(backup.blueprint)
    try:
        database.create_tables(app.config["DATABASE_PATH"])
    except sqlite3.Error as error:
        # the volume is full or read-only: whatever writes says so
        app.logger.warning("The tables could not be made: %s", error)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
