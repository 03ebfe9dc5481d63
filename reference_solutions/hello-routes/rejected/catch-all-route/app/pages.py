"""The home page, the greetings, and the routes that fail on purpose."""

from flask import abort, render_template, request

from . import app


@app.get("/")
def home():
    return render_template("home.html")


@app.get("/hello")
@app.get("/hello/<name>")
def hello(name="World"):
    # The template escapes the name, so that <b> in it is shown and not obeyed.
    return render_template("hello.html", name=name)


@app.route("/<path:unknown>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def not_found(unknown):
    abort(404)


@app.get("/boom")
@app.get("/api/boom")
def boom():
    # Nobody catches this: Flask logs it with its stack trace and calls the handler in errors.py.
    raise RuntimeError(request.args.get("why", "on purpose"))
