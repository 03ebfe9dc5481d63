"""One handler for whatever goes wrong."""

from flask import current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError


def answer(error):
    if not isinstance(error, HTTPException):
        # A handler for Exception takes over from Flask, so it has to log as well.
        current_app.logger.exception("%s %s failed", request.method, request.path)
        error = InternalServerError()
    if error.response is not None:
        return error.response
    if request.path.startswith("/api/"):
        response = jsonify(error=error.description)
    else:
        response = make_response(render_template("error.html", error=error))
    response.status_code = error.code
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response
