"""Products for partners, in two versions."""

import os

from flask import Flask

from . import database, document, limits, problems, version1, version2


def create_app():
    app = Flask(__name__)
    app.json.sort_keys = False
    app.config.update(
        MAX_CONTENT_LENGTH=1024 * 1024,
        DB_HOST=os.environ["DB_HOST"],
        DB_PORT=int(os.environ["DB_PORT"]),
        DB_NAME=os.environ["DB_NAME"],
        DB_USER=os.environ["DB_USER"],
        DB_PASSWORD=os.environ["DB_PASSWORD"],
        RATE_LIMIT=int(os.environ["RATE_LIMIT"]),
        RATE_WINDOW=int(os.environ["RATE_WINDOW"]),
    )
    database.init_app(app)
    problems.init_app(app)
    limits.init_app(app)
    app.register_blueprint(version2.blueprint)
    app.register_blueprint(version1.blueprint)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/openapi.json")
    def openapi():
        return document.DOCUMENT

    return app
