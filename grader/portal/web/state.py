"""What every request of a web process shares, found through Flask's own context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from grader.portal.data.database import PortalDatabase
from grader.portal.openid.client import OpenIdClient
from grader.portal.store import BlobStore
from grader.portal.web.config import PortalConfig
from grader.portal.web.hub import EventHub

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "grader-portal"


@dataclass(frozen=True, kw_only=True)
class WebState:
    """What every request shares."""

    config: PortalConfig
    database: PortalDatabase
    store: BlobStore
    hub: EventHub
    key: Ed25519PrivateKey
    """Signs receipts."""
    openid: OpenIdClient | None = None
    """Where people sign in other than by a password."""


def state() -> WebState:
    """Return what this process's requests share."""
    return cast("WebState", current_app.extensions[NAME])
