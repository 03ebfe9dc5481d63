"""The pages under gunicorn, which stop at a step of handing in, or have a disk without room."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Response, request

from grader.portal.web import wsgi
from grader.portal.web.app import PortalApp
from grader.portal.web.pages import assignments

STEP = "STAND_IN_STEP"
UPLOADING, RECEIVED, KEPT, QUEUED, COMMITTED = STEPS = (
    "uploading", "received", "kept", "queued", "committed",
)  # fmt: skip
FULL = "full"
ROOM = 200_000
"""Bytes that a file may have where the disk is full."""


def app() -> PortalApp:
    """Return the app."""
    step, made = os.environ.get(STEP, ""), wsgi.app()
    made.config["WTF_CSRF_ENABLED"] = False
    if step == FULL:
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
    elif step == UPLOADING:
        made.before_request_funcs.setdefault(None, []).insert(0, _told)
    elif step == COMMITTED:
        made.after_request(_stops_before_the_answer)
    elif name := {RECEIVED: "handed_in", KEPT: "handed_in", QUEUED: "hand_in"}.get(step):
        real = getattr(assignments, name)
        setattr(assignments, name, _around(real, stops_first=step == RECEIVED))
    return made


def _around(real: Callable[..., Any], *, stops_first: bool = False) -> Callable[..., Any]:
    def stopping(*args: Any, **more: Any) -> Any:
        if stops_first:
            _stop()
        found = real(*args, **more)
        _stop()
        return found

    return stopping


def _told() -> None:
    """Say that a request has begun, and go on."""
    if request.method == "POST":
        _mark()


def _stops_before_the_answer(response: Response) -> Response:
    if request.method == "POST":
        _stop()
    return response


def _mark() -> None:
    Path(os.environ[wsgi.FOLDER], f"stopped-{os.environ[STEP]}").touch()


def _stop() -> None:
    _mark()
    threading.Event().wait()
