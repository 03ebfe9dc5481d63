"""The contact page: the beginning of it."""

import os

from flask import Flask, render_template


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    subjects = os.environ["SUBJECTS"].split("|")

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/contact")
    def contact():
        return render_template("contact.html", subjects=subjects)

    @app.get("/login")
    def login():
        return render_template("login.html")

    # The rest is yours: what is sent, the inbox, the theme, the tokens.
    return app
