"""The form for a message: its rules, its errors, what is saved."""

import re

from flask import Blueprint, current_app, flash, redirect, render_template, request

from .database import run

EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
FIELDS = ("name", "email", "subject", "message", "consent")

blueprint = Blueprint("contact", __name__)


def faults_of(values):
    """What is wrong with each field that breaks its rule."""
    faults = {}
    if not values["name"]:
        faults["name"] = "Please say who you are."
    elif len(values["name"]) > 80 or re.search(r"[\r\n]", values["name"]):
        faults["name"] = "A name has up to 80 characters in one line."
    if len(values["email"]) > 254 or not EMAIL.fullmatch(values["email"]):
        faults["email"] = "This is no e-mail address."
    if values["subject"] not in current_app.config["SUBJECTS"]:
        faults["subject"] = "Please choose one of the list."
    if not values["message"].strip():
        faults["message"] = "Please write something."
    elif len(values["message"]) > 1000:
        faults["message"] = "A message has up to 1,000 characters."
    if values["consent"] != "yes":
        faults["consent"] = "We may keep your message only if you agree."
    return faults


def page(values, faults):
    subjects = current_app.config["SUBJECTS"]
    return render_template("contact.html", subjects=subjects, values=values, faults=faults)


@blueprint.get("/contact")
def form():
    return page(dict.fromkeys(FIELDS, ""), {})


@blueprint.post("/contact")
def send():
    values = {name: request.form.get(name, "") for name in FIELDS}
    values["name"] = values["name"].strip()
    values["email"] = values["email"].strip()
    if faults := faults_of(values):
        return page(values, faults), 400
    run(
        "INSERT INTO messages (name, email, subject, message) VALUES (%s, %s, %s, %s)",
        values["name"],
        values["email"],
        values["subject"],
        values["message"],
    )
    flash(f"Thank you, {values['name']}. We have your message.")
    return redirect("/contact", 303)
