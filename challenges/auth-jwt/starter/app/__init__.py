"""Who somebody is, and what they may do: an API with access and refresh tokens."""

from flask import Flask

from . import accounts, articles, errors


def create_app():
    app = Flask(__name__)
    # TODO: read JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE, ACCESS_SECONDS, REFRESH_SECONDS and DB_… with
    # os.environ["…"], without a default.

    errors.init_app(app)
    app.register_blueprint(accounts.blueprint)
    app.register_blueprint(articles.blueprint)
    # TODO: create the tables and the administrator; see database.py.

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
