"""Accounts with private notes: the beginning of it."""

import os

from flask import Flask, render_template


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/")
    def home():
        return render_template("home.html")

    @app.get("/register")
    def register():
        return render_template("register.html")

    # The rest is yours: POST /register, the login, sessions, notes, the administrator.
    return app
