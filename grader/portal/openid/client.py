"""The portal as a client of an OpenID Connect provider: code flow with PKCE, state and nonce."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from flask import request, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from grader.portal.openid import refusals
from grader.portal.openid.attempts import Attempts
from grader.portal.openid.discovery import MetadataUnusable, usable_metadata
from grader.portal.openid.identity import ProvenIdentity, identity_of
from grader.portal.openid.settings import ProviderSettings

log = logging.getLogger(__name__)

SCOPE = "openid email profile"
SECONDS = (5.0, 10.0)
"""To connect to the provider, and for each part of an answer."""
FRESH_SECONDS = 600.0
"""How long metadata and keys are used before they are asked for again."""
AT_ONCE = 8
"""Conversations with the provider; one that hangs leaves the other threads to the pages."""
WAIT_SECONDS = 5.0
LEEWAY = 60
"""Seconds that two clocks may differ by."""
LONGEST = 255
"""Characters of a subject (OpenID Connect Core, 2)."""
CODE = re.compile(r"[a-z_]{1,40}")


class ProviderApp(FlaskOAuth2App):  # type: ignore[misc]  # Authlib has no types
    """Authlib's client, with metadata that are checked, and asked for again after a while."""

    server_metadata: dict[str, Any]

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the provider's metadata."""
        kept = self.server_metadata
        if kept and time.monotonic() - kept["_loaded_at"] < FRESH_SECONDS:
            return kept
        with self._get_session() as opened:
            answer = opened.request("GET", self._server_metadata_url, withhold_token=True)
            answer.raise_for_status()
            told = answer.json()
        found = usable_metadata(self._server_metadata_url, told)
        self.server_metadata = found | {"_loaded_at": time.monotonic()}
        return self.server_metadata


class OpenIdClient:
    """Sends people to the provider, and finds out who comes back. Raises `SignInRefused`."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self._attempts = Attempts("openid")
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._app = ProviderApp(
            self._attempts,
            "openid",
            client_id=settings.client,
            client_secret=settings.secret(),
            server_metadata_url=settings.discovery,
            client_kwargs={
                "scope": SCOPE, "code_challenge_method": "S256", "default_timeout": SECONDS,
            },
        )  # fmt: skip

    def begin(self, target: str) -> Response:
        """Return what sends a browser to the provider; afterwards it goes to `target`."""
        with self._conversation():
            asked = self._app.create_authorization_url(self.settings.redirect_uri)
        self._app.save_authorize_data(
            redirect_uri=self.settings.redirect_uri, target=target[:500], **asked
        )
        return Response(status=302, headers={"Location": asked["url"]})

    def finish(self) -> tuple[ProvenIdentity, str]:
        """Return who has come back with this request, and where they wanted to go."""
        state = request.args.get("state")
        begun = self._attempts.get_state_data(session, state)
        if begun is None:
            raise refusals.stale(self.settings.name)
        try:
            if not request.args.get("code") and not request.args.get("error"):
                raise refusals.stale(self.settings.name)
            with self._conversation():
                return self._proven(), str(begun.get("target", ""))
        finally:
            self._attempts.clear_state_data(session, state)

    def _proven(self) -> ProvenIdentity:
        metadata = self._app.load_server_metadata()
        # Authlib checks the audience only where it is told which one
        expected = {
            "iss": {"essential": True, "values": [metadata["issuer"]]},
            "aud": {"essential": True, "values": [self.settings.client]},
        }
        token = self._app.authorize_access_token(claims_options=expected, leeway=LEEWAY)
        claims = token.get("userinfo")
        if not claims:  # a token endpoint that gives no ID token
            raise refusals.untrusted(self.settings.name, "")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST:
            raise refusals.untrusted(self.settings.name, "sub")
        told = dict(claims)
        if not {"email", "email_verified"} <= set(told) and "userinfo_endpoint" in metadata:
            more = self._app.userinfo(token=token)
            if more.get("sub") != subject:
                raise refusals.untrusted(self.settings.name, "sub")
            told = dict(more) | told
        return identity_of(metadata["issuer"], subject, told)

    @contextmanager
    def _conversation(self) -> Iterator[None]:
        """Have a place to talk with the provider; what goes wrong becomes a sentence."""
        name = self.settings.name
        if not self._places.acquire(timeout=WAIT_SECONDS):
            log.warning("sign-in: too many conversations with the provider")
            raise refusals.away(name)
        try:
            yield
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else ""
            log.warning("sign-in: the provider is away: %s %s", type(error).__name__, status)
            raise refusals.away(name) from error
        except OAuthError as error:
            code = str(error.error)
            known = code if CODE.fullmatch(code) else "another error"
            log.warning("sign-in: the provider refused: %s", known)
            raise refusals.refused(name, known) from error
        except MetadataUnusable as error:
            log.warning("sign-in: %s", error)
            raise refusals.misconfigured(name) from error
        except JoseError as error:
            claim = str(getattr(error, "claim", ""))
            log.warning("sign-in: an ID token is wrong: %s %s", type(error).__name__, claim)
            raise refusals.untrusted(name, claim) from error
        except (ValueError, KeyError, TypeError) as error:  # no JSON, or none of the right form
            log.warning("sign-in: the provider answers nonsense: %s", type(error).__name__)
            raise refusals.untrusted(name, "") from error
        finally:
            self._places.release()
