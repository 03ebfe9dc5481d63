"""The guestbook of a hotel."""

import os

from flask import Flask

from . import authors, database, entries


def create_app():
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        DB_HOST=os.environ["DB_HOST"],
        DB_PORT=int(os.environ["DB_PORT"]),
        DB_NAME=os.environ["DB_NAME"],
        DB_USER=os.environ["DB_USER"],
        DB_PASSWORD=os.environ["DB_PASSWORD"],
    )
    database.init_app(app)
    app.register_blueprint(entries.blueprint)
    app.register_blueprint(authors.blueprint)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
