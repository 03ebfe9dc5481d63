"""The guestbook: the beginning of it."""

from flask import Flask, render_template


def create_app():
    app = Flask(__name__)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/")
    def entries():
        return render_template("entries.html", entries=[])

    # The rest is yours: the tables, the connections, what is sent, the authors.
    return app
