"""The contact page of a company, and its inbox."""

import os

from flask import Flask, abort, flash, redirect, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from . import contact, cookies, csrf, database, login
from .database import row, rows, run
from .login import clerk_required


def create_app():
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ["SECRET_KEY"],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024,
        DB_HOST=os.environ["DB_HOST"],
        DB_PORT=int(os.environ["DB_PORT"]),
        DB_NAME=os.environ["DB_NAME"],
        DB_USER=os.environ["DB_USER"],
        DB_PASSWORD=os.environ["DB_PASSWORD"],
        SUBJECTS=os.environ["SUBJECTS"].split("|"),
        CLERK_USERNAME=os.environ["CLERK_USERNAME"],
        CLERK_PASSWORD=os.environ["CLERK_PASSWORD"],
    )
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=1)
    database.init_app(app)
    cookies.init_app(app)
    csrf.init_app(app)
    app.register_blueprint(contact.blueprint)
    app.register_blueprint(cookies.blueprint)
    app.register_blueprint(login.blueprint)

    @app.errorhandler(HTTPException)
    def failed(error):
        return render_template("error.html", error=error), error.code

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/")
    def home():
        return render_template("home.html")

    @app.get("/messages")
    @clerk_required
    def messages():
        found = rows("SELECT id, name, subject FROM messages ORDER BY id DESC")
        return render_template("messages.html", messages=found)

    @app.get("/messages/<int:number>")
    @clerk_required
    def message(number):
        found = row("SELECT * FROM messages WHERE id = %s", number)
        if found is None:
            abort(404)
        return render_template("message.html", message=found)

    @app.post("/messages/<int:number>/delete")
    @clerk_required
    def delete(number):
        if not run("DELETE FROM messages WHERE id = %s", number):
            abort(404)
        flash("The message was deleted.")
        return redirect("/messages", 303)

    return app
