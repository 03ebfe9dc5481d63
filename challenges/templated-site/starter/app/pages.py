"""The routes."""

from flask import Blueprint, render_template

from .database import query

blueprint = Blueprint("pages", __name__)


@blueprint.get("/health")
def health():
    return {"status": "ok"}


@blueprint.get("/")
def home():
    return render_template("home.html", products=query("SELECT * FROM products"))
