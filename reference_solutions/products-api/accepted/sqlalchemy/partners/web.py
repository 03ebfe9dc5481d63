"""The application."""

from flask import Flask

from . import document, gate, problems, routes, tables


def create_app():
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 2**20
    problems.init_app(app)
    tables.init_app(app)
    gate.init_app(app)
    app.register_blueprint(routes.v2)
    app.register_blueprint(routes.v1)
    made = document.make()
    app.add_url_rule("/openapi.json", view_func=lambda: made, endpoint="document")
    app.add_url_rule("/health", view_func=lambda: {"up": True}, endpoint="health")
    return app
