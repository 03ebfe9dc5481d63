"""Problems of RFC 9457."""

from flask import jsonify
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException


class Problem(Exception):
    def __init__(self, status, title, detail, headers=None, **more):
        super().__init__(detail)
        self.headers = headers or {}
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        self.body |= more


def not_found():
    return Problem(404, "Not Found", "There is no such product.")


def bad(detail, **more):
    return Problem(400, "Bad Request", detail, **more)


def told(problem):
    response = jsonify(problem.body)
    response.status_code = problem.body["status"]
    response.content_type = "application/problem+json"
    response.headers.update(problem.headers)
    return response


def of_pydantic(error):
    """Each field once, however many rules it breaks."""
    details = {}
    for one in error.errors(include_input=False, include_url=False):
        place = "/".join(str(part).encode("utf-8", "replace").decode() for part in one["loc"])
        details.setdefault(f"#/{place}", one["msg"])
    errors = [{"pointer": place, "detail": text} for place, text in details.items()]
    return told(bad("What was sent breaks the rules.", errors=errors))


def of_http(error):
    allowed = {k: v for k, v in error.get_headers() if k == "Allow"}
    return told(Problem(error.code, error.name, error.description or error.name, allowed))


def init_app(app):
    app.register_error_handler(Problem, told)
    app.register_error_handler(ValidationError, of_pydantic)
    app.register_error_handler(HTTPException, of_http)
