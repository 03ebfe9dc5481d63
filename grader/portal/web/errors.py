"""What people see where something is not possible: a sentence with what to do."""

from __future__ import annotations

import json
import logging

from flask import Flask, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from grader.errors import DiskFull, UsageError
from grader.portal.errors import ActionRefused, DatabaseAway, NotFound
from grader.portal.store import FULL, NO_ROOM, UploadRefused
from grader.portal.web.rendering import Answer, is_api, page

log = logging.getLogger(__name__)

SENTENCES = {
    400: ("This request cannot be read", "Go back, and send the form again."),
    404: (
        "There is no such page",
        "It is gone, or is not for you to see. Your own exams are on the first page.",
    ),
    405: ("This page takes no such request", "Go to the first page, and follow its links."),
    413: (
        "The upload is too large",
        "Leave out what tools make (.venv, node_modules, data) and hand in the source code.",
    ),
    429: ("Too many attempts", "Wait a minute, and try again."),
}
KEPT_FIELDS = 20
HIDDEN_FIELDS = ("csrf", "password", "token", "key")


def install(app: Flask) -> None:
    """Have `app` answer errors with pages."""
    app.register_error_handler(NotFound, lambda error: _page(404, *SENTENCES[404]))
    app.register_error_handler(ActionRefused, lambda error: _page(409, "Not now", str(error)))
    app.register_error_handler(
        UploadRefused, lambda error: _page(400, "This cannot be handed in", str(error))
    )
    app.register_error_handler(DiskFull, lambda error: _page(503, "No room", str(error)))
    app.register_error_handler(OSError, _system)
    app.register_error_handler(DatabaseAway, _away)
    app.register_error_handler(UsageError, lambda error: _page(400, "Not possible", str(error)))
    app.register_error_handler(DataError, lambda error: _page(400, *SENTENCES[400]))
    app.register_error_handler(CSRFError, lambda error: session_over())
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def session_over() -> Answer:
    """Return a page for a form whose session is over; what was typed is shown, to be kept."""
    return page(
        "session_over.html", "Your session is over", status=401, typed=_typed(), errors_only=True
    )


def _typed() -> list[tuple[str, str]]:
    """Return the texts of the form that was sent, but for secrets."""
    return [
        (name, value[:20_000])
        for name, value in list(request.form.items())[:KEPT_FIELDS]
        if value.strip() and not any(word in name.lower() for word in HIDDEN_FIELDS)
    ]


def _page(status: int, title: str, said: str) -> Answer:
    if is_api():
        return json.dumps({"error": said}), status, {"Content-Type": "application/json"}
    return page("message.html", title, status=status, said=said, errors_only=True)


def _away(error: DatabaseAway) -> Answer:
    body, status, headers = _page(503, "The portal is away for a moment", str(error))
    return body, status, {**headers, "Retry-After": "30"}


def _system(error: OSError) -> Answer:
    """Tell a full disk from a fault of ours: what is sent is written to disk while it comes."""
    if error.errno in FULL:
        log.error("no room: %s", error)
        return _page(503, "No room", NO_ROOM)
    return _unforeseen(error)


def _http(error: HTTPException) -> Answer:
    code = error.code or 500
    title, said = SENTENCES.get(code, (error.name, error.description or "Try again later."))
    return _page(code, title, said)


def _unforeseen(error: Exception) -> Answer:
    log.error("a page failed", exc_info=error)
    said = (
        "This is a fault of the portal's, not yours, and it has been noted. Nothing that was "
        "confirmed is lost. Try again; if it stays, tell your instructor when it happened."
    )
    return _page(500, "The portal has failed", said)
