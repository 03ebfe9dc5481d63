"""The identity provider's program on loopback, as what the portal signs in at, and a browser."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from grader.portal.openid.settings import CALLBACK, WELL_KNOWN, ProviderSettings
from grader.services.double import admission
from grader.services.identity import tokens
from grader.services.identity.provider import IdentityProgram
from tests.unit.services.programs import HERE, PASSWORD, RunningProgram, free_port

PORTAL = "http://127.0.0.1:8000"
SECRET = "the-secret-of-the-client"
ADA = {"sub": "ada-1", "email": "ada@school.example", "email_verified": True, "name": "Ada L."}
make_key = RSAKey.generate_key


@cache
def key(number: int) -> RSAKey:
    """A key that takes its time to be made; no test needs more than a few at once."""
    return make_key(tokens.BITS, {"use": "sig", "alg": tokens.ALGORITHM}, private=True)


@contextmanager
def school_provider(folder: Path, **more: Any) -> Iterator[SchoolProvider]:
    """A provider on loopback, whose keys cost no time."""
    numbers = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RSAKey, "generate_key", lambda *_, **__: key(next(numbers)))
        patch.setattr(admission, "ANYWHERE", HERE)
        patch.setenv("NO_PROXY", f"{HERE},localhost")
        found = SchoolProvider(folder, **more)
        try:
            yield found
        finally:
            found.close()


class SchoolProvider:
    """A provider in a thread, at which people sign in by the test's orders."""

    def __init__(self, folder: Path, *, host: str = HERE, **changes: Any) -> None:
        self.port, self.host = free_port(), host
        self.running = RunningProgram(IdentityProgram(PASSWORD, self.port), self.port)
        self.running.order(
            "reset", user="the-portal", password=SECRET, host=host, callback=CALLBACK, pkce=True
        )
        folder.mkdir(parents=True, exist_ok=True)
        secret = folder / "client-secret"
        secret.write_text(f"{SECRET}\n")
        self.settings = ProviderSettings(**{
            "discovery": self.issuer + WELL_KNOWN, "client": "the-portal", "secret_file": secret,
            "name": "School Login", "portal": PORTAL, **changes,
        })  # fmt: skip

    @property
    def issuer(self) -> str:
        """Its name for itself."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """End it."""
        self.running.close()

    def lie(self, lie: str, **more: Any) -> None:
        """Have it lie from now on."""
        self.running.order("orders", orders={"lie": lie, **more})

    def asked(self, kind: str) -> list[dict[str, Any]]:
        """What the portal has asked: `authorizations` or `tokens`."""
        return list(self.running.order(kind, after=0)["items"])

    def signed_in(self, sent: TestResponse, who: dict[str, Any], error: str = "") -> str:
        """Sign in as `who` where a browser was sent; gives the path that it is sent back to."""
        parts = urlsplit(sent.headers["Location"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        back = urlsplit(self.location(parts.query, who, error))
        assert f"{back.scheme}://{back.netloc}" == PORTAL
        return f"{back.path}?{back.query}"

    def location(self, query: str, who: dict[str, Any], error: str = "") -> str:
        """Sign in as `who`, who came with that query; gives the address to go back to."""
        done = self.running.order("sign_in", query=query, claims=who, error=error)
        assert "location" in done, done
        return str(done["location"])

    def visit(
        self, client: FlaskClient, who: dict[str, Any] | None = None, target: str = "/"
    ) -> TestResponse:
        """Go the whole way with a browser."""
        sent = client.get("/sign-in/openid", query_string={"next": target}, base_url=PORTAL)
        assert sent.status_code == 302, sent.text
        return client.get(self.signed_in(sent, who or ADA), base_url=PORTAL)


def query_of(location: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(location).query))
