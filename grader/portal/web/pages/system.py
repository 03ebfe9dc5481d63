"""What programs ask: whether the portal lives, whether it can work, its public key, its style."""

from __future__ import annotations

import base64
import hmac
from importlib.resources import files

from flask import Blueprint, Response, request

from grader.portal.data.base import utc_now
from grader.portal.receipts import fingerprint, public_bytes
from grader.portal.web.metrics import metrics_text
from grader.portal.web.rendering import Answer, page
from grader.portal.web.state import state

blueprint = Blueprint("system", __name__)

TEXT = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/health")
def health() -> Answer:
    """Say that this process lives."""
    return "ok\n", 200, TEXT


@blueprint.get("/ready")
def ready() -> Answer:
    """Say that the database answers; 503 where it does not."""
    state().database.check()
    return "ready\n", 200, TEXT


@blueprint.get("/metrics")
def metrics() -> Answer:
    """Give figures to a monitoring system that has the token for them."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    kept = state().config.kept_secret("metrics-token")
    if kind != "Bearer" or not hmac.compare_digest(token.strip().encode(), kept.encode()):
        return "Send the token in the file metrics-token of the portal's folder.\n", 401, TEXT
    with state().database.transaction() as session:
        return metrics_text(session, utc_now()), 200, TEXT


@blueprint.get("/receipt-key")
def receipt_key() -> Answer:
    """Show the public key that receipts are checked with."""
    public = public_bytes(state().key)
    return page(
        "receipt_key.html", "The key of receipts",
        key=base64.b64encode(public).decode(), fingerprint=fingerprint(public),
    )  # fmt: skip


@blueprint.get("/report.css")
def report_style() -> Response:
    """Return the looks of reports, which are those of the portal."""
    text = files("grader.report").joinpath("assets", "report.css").read_text("utf-8")
    return Response(text, content_type="text/css; charset=utf-8", headers={
        "Cache-Control": "max-age=3600",
    })  # fmt: skip
