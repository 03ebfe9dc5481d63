"""An app that only signs people in, the way there and back, and what is logged meanwhile."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from grader.portal.openid.client import OpenIdClient
from grader.portal.openid.refusals import SignInRefused
from grader.portal.openid.settings import CALLBACK
from tests.unit.portal.provider import ADA, PORTAL, SchoolProvider


class Said(logging.Handler):
    """What was logged, as `grader serve` has it: from INFO on."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter().format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def app_of(school: SchoolProvider) -> Flask:
    """Make it."""
    app, signing = Flask(__name__), OpenIdClient(school.settings)
    app.config["SECRET_KEY"] = "k" * 32

    def refused(error: Exception) -> tuple[str, int]:
        assert isinstance(error, SignInRefused)
        return str(error), error.status

    def begin() -> Response:
        return signing.begin(request.args.get("next", ""))

    def back() -> Response:
        who, target = signing.finish()
        return jsonify(asdict(who) | {"target": target})

    app.register_error_handler(SignInRefused, refused)
    app.add_url_rule("/sign-in/openid", view_func=begin)
    app.add_url_rule(CALLBACK, view_func=back)
    return app


def begun(school: SchoolProvider, browser: FlaskClient, **more: Any) -> str:
    """The path that a browser is sent back to, once somebody has signed in."""
    return school.signed_in(browser.get("/sign-in/openid", base_url=PORTAL), ADA, **more)


def come_back(browser: FlaskClient, path: str) -> TestResponse:
    """Come back from the provider."""
    return browser.get(path, base_url=PORTAL)
