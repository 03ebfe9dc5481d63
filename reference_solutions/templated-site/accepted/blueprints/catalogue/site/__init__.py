"""Pages without products of their own, and what all pages share."""

from flask import Blueprint, current_app, render_template

from ..models import newest

site = Blueprint("site", __name__, template_folder="templates")


@site.app_context_processor
def shared():
    """What every template knows."""
    config = current_app.config
    return {"site_title": config["SITE_TITLE"], "support": config["SUPPORT_EMAIL"]}


@site.app_errorhandler(404)
def not_found(_error):
    return render_template("site/not_found.html"), 404


@site.get("/")
def index():
    return render_template("site/index.html", products=newest(limit=4))


@site.get("/about")
def about():
    return render_template("site/about.html")


@site.get("/health")
def health():
    return {"status": "ok"}
