"""A small site with pages and a JSON API."""

from flask import Flask

from . import api, errors, headers, pages


def create_app():
    app = Flask(__name__)
    # TODO: read API_TOKEN and ALLOWED_ORIGIN from os.environ into app.config.
    # TODO: /users/new/ and /users/ada/ have to work too; see app.url_map.strict_slashes.

    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint, url_prefix="/api")
    errors.init_app(app)
    headers.init_app(app)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
