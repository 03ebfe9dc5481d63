"""The list of users, for administrators."""

from flask import Blueprint, abort, current_app, redirect, render_template, url_for

from .database import row, rows, run
from .security import admin_required, login_required

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/users")
@admin_required
def users():
    return render_template("users.html", users=rows("SELECT * FROM users ORDER BY username"))


@blueprint.post("/users/<username>/delete")
@login_required
def delete(username):
    user = row("SELECT * FROM users WHERE username = %s", username)
    if user is None:
        abort(404)
    if user["is_admin"]:
        abort(403, "An administrator is not deleted here.")
    run("DELETE FROM users WHERE id = %s", user["id"])
    current_app.logger.info("Deleted: %s", username)
    return redirect(url_for("admin.users"), 303)
