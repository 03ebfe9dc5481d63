"""Problems of RFC 9457, in the place of FastAPI's own errors."""

from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Refused(Exception):
    def __init__(self, status, detail, headers=None):
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def problem(status, detail, headers=None, **more):
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body |= {"detail": detail} | more
    return JSONResponse(body, status, headers, "application/problem+json")


def refused(_request, error):
    return problem(error.status, error.detail, error.headers)


def failed(_request, error):
    return problem(error.status_code, str(error.detail), error.headers)


def invalid(_request, error):
    found = error.errors()
    if any(one["loc"][0] == "path" for one in found):
        return problem(404, "There is no such product.")
    faults = {}
    for one in found:
        kind, *place = one["loc"]
        if kind == "body" and place and one["type"] != "json_invalid":
            names = [str(part).encode("utf-8", "replace").decode() for part in place]
            faults.setdefault("#/" + "/".join(names), one["msg"])
    errors = [{"pointer": place, "detail": text} for place, text in faults.items()]
    more = {"errors": errors} if errors else {}
    where = ".".join(map(str, found[0]["loc"])).encode("utf-8", "replace").decode()
    return problem(400, f"{where}: {found[0]['msg']}", **more)


def add_to(service):
    service.add_exception_handler(Refused, refused)
    service.add_exception_handler(HTTPException, failed)
    service.add_exception_handler(RequestValidationError, invalid)


def declared(*statuses):
    """What an operation says of its errors."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in (*statuses, 401, 429)
    }
