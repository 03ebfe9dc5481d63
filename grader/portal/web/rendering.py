"""Pages from templates, with who looks at them."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request

from grader.portal.web.access import Viewer

Answer = tuple[str, int, dict[str, str]]


def is_api() -> bool:
    """Return whether a program asks, by the API."""
    return request.path.startswith("/api/")


def page(template: str, title: str, *, status: int = 200, **values: Any) -> Answer:
    """Return the page of `template`."""
    viewer: Viewer | None = g.get("viewer")
    body = render_template(template, title=title, viewer=viewer, **values)
    return body, status, {"Content-Type": "text/html; charset=utf-8"}
