"""One form for all errors: RFC 9457."""

import json
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException


class Problem(Exception):
    """A request that is answered with an error of 4xx."""

    def __init__(self, status, detail, errors=(), headers=None):
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.errors, self.headers = errors, headers or {}


def answer(status, detail, errors=(), headers=None):
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [{"pointer": f"#/{at}", "detail": text} for at, text in errors]
    return Response(
        json.dumps(body), status, headers=headers, content_type="application/problem+json"
    )


def init_app(app):
    @app.errorhandler(Problem)
    def known(error):
        return answer(error.status, error.detail, error.errors, error.headers)

    @app.errorhandler(HTTPException)
    def of_flask(error):
        kept = {name: value for name, value in error.get_headers() if name == "Allow"}
        return answer(error.code, error.description or error.name, headers=kept)
