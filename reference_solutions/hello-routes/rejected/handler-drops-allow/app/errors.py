"""Every error in one form: JSON under /api, a page elsewhere."""

from flask import render_template, request
from werkzeug.exceptions import HTTPException

from . import app


# 400, 404, 405, 415 …; and 500, which Flask makes of an exception that nobody catches.
@app.errorhandler(HTTPException)
def answer(error):
    if request.path.startswith("/api/"):
        return {"error": error.description}, error.code
    return render_template("error.html", error=error), error.code
