"""The home page, the greetings, and the routes that fail on purpose."""

from flask import render_template, request

from . import app


@app.get("/")
def home():
    return render_template("home.html")


@app.get("/hello")
@app.get("/hello/<name>")
def hello(name=None):
    return render_template("hello.html", name="World")


@app.get("/boom")
@app.get("/api/boom")
def boom():
    # Nobody catches this: Flask logs it with its stack trace and calls the handler in errors.py.
    raise RuntimeError(request.args.get("why", "on purpose"))
