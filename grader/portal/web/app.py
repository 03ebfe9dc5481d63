"""The app: made by a factory, with everything that it needs given."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map

from grader.portal.data.database import PortalDatabase
from grader.portal.openid.client import OpenIdClient
from grader.portal.receipts import load_or_make_key
from grader.portal.store import BlobStore
from grader.portal.web import errors, filters, headers, limits
from grader.portal.web.config import MAX_PARTS, PortalConfig
from grader.portal.web.hub import EventHub
from grader.portal.web.pages import BLUEPRINTS, api
from grader.portal.web.sessions import load_viewer
from grader.portal.web.state import NAME, WebState

FORM_BYTES = 8 * 1024 * 1024
"""What a form may have alongside its files: a folder of thousands has a head for each of them."""

CONNECTIONS = 16
"""To the database, of each process; PostgreSQL has a hundred for all of them and the workers."""


class PortalRequest(Request):
    """A request whose form may have as many parts as a folder has files."""

    max_form_parts = MAX_PARTS
    max_form_memory_size = 1024 * 1024


class IdConverter(IntegerConverter):
    """A number in an address: one that no row of a table can have leads nowhere."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


class PortalApp(Flask):
    """The portal."""

    request_class = PortalRequest


def create_app(config: PortalConfig, **changes: Any) -> PortalApp:
    """Return the portal's app; `changes` are settings of Flask's, for tests."""
    app = PortalApp(__name__)
    settings: dict[str, Any] = {
        "SECRET_KEY": config.kept_secret("cookie-secret"),
        "MAX_CONTENT_LENGTH": config.upload_bytes + FORM_BYTES,
        "SESSION_COOKIE_NAME": "grader_portal",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.https,
        "WTF_CSRF_TIME_LIMIT": None,  # it lives as long as the session
        "WTF_CSRF_SSL_STRICT": config.https,
        "RATELIMIT_ENABLED": config.limits,
    }
    app.config.update(settings | changes)
    app.url_map.converters["int"] = IdConverter
    if config.https:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    provider = config.sign_in.provider
    app.extensions[NAME] = WebState(
        config=config,
        database=PortalDatabase(config.database, connections=CONNECTIONS, more=0),
        store=BlobStore(config.blobs),
        hub=EventHub(config.database, config.streams),
        key=load_or_make_key(config.receipt_key),
        openid=OpenIdClient(provider) if provider else None,
    )
    CSRFProtect(app).exempt(api.blueprint)  # it knows no cookie
    app.before_request(load_viewer)
    limits.limiter.init_app(app)
    headers.install(app)
    filters.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
