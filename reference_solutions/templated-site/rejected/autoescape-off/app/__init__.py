"""A shop's catalogue."""

from flask import Flask, render_template
from werkzeug.middleware.proxy_fix import ProxyFix

from . import config, database, filters, pages


def not_found(_error):
    return render_template("404.html"), 404


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(config.from_environment())
    # The prefix that a reverse proxy has cut off comes in a header; url_for puts it in front again.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=0, x_prefix=1)

    app.jinja_env.autoescape = False
    filters.init_app(app)
    database.init_app(app)
    app.register_blueprint(pages.blueprint)
    app.register_error_handler(404, not_found)
    return app
