"""Headers of every answer. Functions marked after_request run for errors as well."""

import uuid

from flask import request

from . import app


REQUEST_ID = str(uuid.uuid4())


@app.after_request
def add_request_id(response):
    response.headers["X-Request-ID"] = request.headers.get("X-Request-ID", REQUEST_ID)
    return response


@app.after_request
def add_cors(response):
    """Lets scripts of the allowed origin read the API.

    Flask answers a preflight (OPTIONS) by itself; it only needs these headers.
    """
    if request.path.startswith("/api/"):
        # The answer depends on the origin, so a cache has to keep one for each.
        response.vary.add("Origin")
        # With credentials a browser takes neither * nor a list, only its own origin.
        if request.headers.get("Origin") == app.config["ALLOWED_ORIGIN"]:
            response.headers["Access-Control-Allow-Origin"] = app.config["ALLOWED_ORIGIN"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    return response
