"""The pages."""

import hmac

from flask import (
    Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for,
)  # fmt: skip
from flask_login import login_required, login_user

from .forms import LoginForm, MessageForm
from .models import Message, db

pages = Blueprint("pages", __name__)


def chosen_theme():
    return "dark" if request.cookies.get("theme") == "dark" else "light"


@pages.get("/health")
def health():
    return "ok"


@pages.get("/")
def home():
    return render_template("home.html")


@pages.route("/contact", methods=["GET", "POST"])
def contact():
    form = MessageForm()
    if not form.is_submitted():
        return render_template("contact.html", form=form)
    if not form.validate():
        return render_template("contact.html", form=form), 400
    db.session.add(
        Message(
            name=form.name.data,
            email=form.email.data,
            subject=form.subject.data,
            body=form.message.data.replace("\r\n", "\n"),
        )
    )
    db.session.commit()
    flash(f"Thank you, {form.name.data}")
    return redirect(url_for(".contact"))


@pages.post("/theme")
def theme():
    if request.form.get("theme") not in ("light", "dark"):
        abort(400)
    answer = redirect(url_for(".contact"))
    answer.set_cookie(
        "theme", request.form["theme"], max_age=90 * 86400, path="/",
        httponly=True, samesite="Strict", secure=request.is_secure,
    )  # fmt: skip
    return answer


def own_path(asked):
    """Whether an address is a path of this site."""
    odd = any(letter.isspace() or not letter.isprintable() for letter in asked)
    return asked.startswith("/") and asked[1:2] not in {"/", "\\"} and not odd


@pages.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if not form.is_submitted():
        return render_template("login.html", form=form)
    config = current_app.config
    sent = f"{form.username.data}\0{form.password.data}".encode()
    right = f"{config['CLERK_USERNAME']}\0{config['CLERK_PASSWORD']}".encode()
    if not hmac.compare_digest(sent, right):
        return render_template("login.html", form=form, refused=True), 401
    login_user(current_app.clerk)
    asked = request.args.get("next", "")
    return redirect(asked if own_path(asked) else url_for(".messages"))


@pages.post("/logout")
def logout():
    session.clear()
    return redirect(url_for(".contact"))


@pages.get("/messages")
@login_required
def messages():
    found = db.session.scalars(db.select(Message).order_by(Message.id.desc()))
    return render_template("messages.html", messages=found)


@pages.get("/messages/<int:number>")
@login_required
def message(number):
    return render_template("message.html", message=db.get_or_404(Message, number))


@pages.post("/messages/<int:number>/delete")
@login_required
def delete(number):
    db.session.delete(db.get_or_404(Message, number))
    db.session.commit()
    flash("Deleted: it is gone. One message deleted.")
    return redirect(url_for(".messages"))
