"""The API of a blog: the beginning of it."""

from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/tags")
    def tags():
        return {"items": []}

    # The rest is yours: the migrations with the command `migrate`, users, posts, comments.
    return app
