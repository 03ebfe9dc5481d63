"""The products API: the beginning of it."""

from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    # The rest is yours: the tables, the keys, the products, the document.
    return app
