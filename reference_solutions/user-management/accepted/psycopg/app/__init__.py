"""A company's user directory."""

from flask import Flask

from . import database, errors, export, sessions, users


def create_app():
    app = Flask(__name__)
    app.json.sort_keys = False
    app.config.update(MAX_CONTENT_LENGTH=1024 * 1024)
    database.init_app(app)
    errors.init_app(app)
    app.register_blueprint(sessions.blueprint)
    app.register_blueprint(export.blueprint)
    app.register_blueprint(users.blueprint)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
