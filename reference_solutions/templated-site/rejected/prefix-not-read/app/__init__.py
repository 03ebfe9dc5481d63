"""A shop's catalogue."""

from flask import Flask, render_template

from . import config, database, filters, pages


def not_found(_error):
    return render_template("404.html"), 404


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(config.from_environment())

    filters.init_app(app)
    database.init_app(app)
    app.register_blueprint(pages.blueprint)
    app.register_error_handler(404, not_found)
    return app
