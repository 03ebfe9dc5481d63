"""Every error in one form: JSON under /api, a page elsewhere."""

from flask import render_template, request
from werkzeug.exceptions import HTTPException

from . import app


@app.errorhandler(405)
def wrong_method(error):
    return error.get_response()


# 400, 404, 415 …; and 500, which Flask makes of an exception that nobody catches.
@app.errorhandler(HTTPException)
def answer(error):
    # The response that Flask would send: its headers are kept, as a 405 needs Allow.
    response = error.get_response()
    if request.path.startswith("/api/"):
        response.data = app.json.dumps({"error": error.description})
        response.content_type = "application/json"
    else:
        response.data = render_template("error.html", error=error)
    return response
