"""The `identity` fixture: signs in as a browser would, and has the provider lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from grader.exam.client import Client
from grader.exam.exchange import Exchange
from grader.exam.faults import Mismatch
from grader.exam.reply import Reply
from grader.exam.services.program import ProgramFixture
from grader.text import clean, clip

LIES = {
    "state": "the redirect has another state than the app's",
    "nonce": "the ID token has another nonce than the app's",
    "audience": "the ID token is for another client",
    "issuer": "the ID token is of another issuer",
    "signature": "the ID token is signed with a key that is not the provider's",
    "algorithm": "the ID token has no signature (alg: none)",
    "expired": "the ID token has expired",
    "subject": "userinfo tells of somebody else than the ID token",
}


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """What the app has sent a browser to the provider with; empty text where it said nothing."""

    redirect_uri: str
    """Where the browser is sent back to."""
    scope: str
    """`openid` and more, with blanks between."""
    state: str
    """As it came."""
    nonce: str
    """As it came."""
    response_type: str
    """`code` alone is known here."""
    client_id: str
    """As it came."""
    code_challenge: str
    """Of PKCE."""
    code_challenge_method: str
    """`S256` alone is known here."""
    at: float
    """In seconds as `time.time` has them."""


@dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """A request of the app's for tokens."""

    how: str
    """How the client showed its secret: `basic` or `post`; empty where it did not."""
    error: str
    """The error that it was answered with; empty where there was none."""
    verifier: bool
    """Whether it had a code_verifier of PKCE."""
    at: float
    """In seconds as `time.time` has them."""


class IdentityProvider(ProgramFixture):
    """The identity provider: people who sign in there, what the app asks, and lies."""

    fixture = "identity"

    # -- signing in ------------------------------------------------------------------------

    def sign_in(self, sent: Reply, user: str = "ada", **claims: Any) -> str:
        """Sign in where the app has sent a browser (`sent`), and return the way back.

        That is the path of the app with its query: the code and the state. The ID token and
        userinfo have `user` as `sub`, an `email` of theirs, and `claims`. Fails the criterion where
        the app sends nobody to the provider, or with a request that it refuses.
        """
        told = {"sub": user, "email": f"{user}@example.org", "email_verified": True, **claims}
        return self._back(sent, claims=told, error="")

    def deny(self, sent: Reply, error: str = "access_denied") -> str:
        """Return the way back of somebody who does not sign in: it has `error`, and no code."""
        return self._back(sent, claims={}, error=error)

    def log_in(
        self, browser: Client, start: str = "/login", user: str = "ada", **claims: Any
    ) -> Reply:
        """Go the whole way: from the path `start` to the provider and back; return the last answer.

        `browser` is a session of the app's (`app.session()`); redirects at the end are its own to
        follow.
        """
        return browser.get(self.sign_in(browser.get(start), user, **claims))

    # -- what the app asks -----------------------------------------------------------------

    def requests(self) -> list[AuthorizationRequest]:
        """Return what the app has sent browsers to the provider with in this run, in order."""
        return [AuthorizationRequest(**one) for one in self._all("authorizations")]

    def token_requests(self) -> list[TokenRequest]:
        """Return the app's requests for tokens in this run, in order."""
        return [TokenRequest(**one) for one in self._all("tokens")]

    # -- what comes next -------------------------------------------------------------------

    def lie(self, about: str) -> None:
        """Have the provider lie about one thing, until `accept` or the next test.

        `state` (of the way back), `nonce`, `audience`, `issuer`, `signature`, `algorithm`
        (`alg: none`) and `expired` (of the ID token), or `subject` (of what userinfo says).
        """
        assert about in LIES, f"lie() knows {', '.join(LIES)}; not {about!r}"
        self._ask_for(lie=about)

    def rotate(self) -> None:
        """Have tokens signed with a new key from now on; the JWKS has that alone."""
        self._order("rotate")

    def fail(self, times: int | None = None, *, code: int = 503) -> None:
        """Have the next `times` requests for tokens answered `code`, or all until `accept`."""
        self._ask_for(fail=-1 if times is None else times, code=code)

    def delay(self, seconds: float) -> None:
        """Have each request for tokens answered after `seconds`, at most 60, until `accept`."""
        self._ask_for(delay=seconds)

    def accept(self) -> None:
        """Tell the truth at once again, as at the beginning."""
        self._ask_for()

    # -- inside ----------------------------------------------------------------------------

    def too_many(self) -> str:
        """Return the sentence for an app that asks more than the exam keeps."""
        return "Your app asks the identity provider more than the exam keeps (1000 requests a run)."

    def _back(self, sent: Reply, *, claims: Mapping[str, Any], error: str) -> str:
        """Do what the provider and a browser do; return the path that the browser asks for."""
        seen = sent.exchange
        where = sent.location
        if not where:
            msg = f"It should send the browser to the identity provider; it answered {sent.status}."
            raise Mismatch(msg, seen)
        answer = self._order("sign_in", query=self._query(where, seen), claims=claims, error=error)
        if fault := answer.get("fault"):
            msg = f"The identity provider refuses the app's request: {clip(clean(fault), 300)}."
            raise Mismatch(msg, seen)
        if answer["error"] and answer["error"] != error:
            msg = f"The identity provider refuses the app's request: {answer['error']}."
            raise Mismatch(msg, seen)
        parts = urlsplit(answer["location"])
        return f"{parts.path}?{parts.query}"

    def _query(self, where: str, seen: Exchange) -> str:
        """Return the query of the app's request; fails where it leads elsewhere."""
        wanted = f"{self._told['issuer']}/authorize"
        try:
            parts = urlsplit(where)
            found = f"{parts.scheme}://{parts.netloc}{parts.path}"
        except ValueError:
            found, parts = "", urlsplit("")
        if found != wanted:
            shown = clip(clean(where), 200)
            msg = f"It should send the browser to {wanted}; it sends it to {shown!r}."
            raise Mismatch(msg, seen)
        return parts.query
