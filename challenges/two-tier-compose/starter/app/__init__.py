"""A message board over MySQL."""

from flask import Flask, render_template


def create_app():
    app = Flask(__name__)
    # TODO: take SECRET_KEY and the way to MySQL from os.environ. What is missing has to fail here.

    # TODO: POST /messages, and the API below /api/messages. Put them into modules of their own.
    @app.get("/")
    def index():
        return render_template("index.html", messages=[])

    # TODO: answer 503 where the driver raises that MySQL cannot be reached.
    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
