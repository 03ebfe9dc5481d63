"""The program of the OpenID Connect provider; browsers sign in by the suite's orders alone."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from grader.services.double.http import HttpRequest, Response
from grader.services.double.tenants import Program, answered, page, serve
from grader.services.identity.registrations import (
    CODE_SECONDS,
    LONG,
    LONGEST_DELAY,
    Grant,
    Registration,
    TokenOrders,
    verifies,
)
from grader.services.identity.tokens import ALGORITHM, LIFETIME, Signer, claims_of

PORT = 12112
PAGE = b"<!DOCTYPE html><title>Sign in</title><p>The exam signs in here; nobody else can."
FRESH = {"Cache-Control": "no-store"}


class IdentityProgram(Program[Registration]):
    """Discovery, keys, tokens and userinfo for apps; sign-ins for the suite."""

    def __init__(self, password: str, port: int = PORT) -> None:
        super().__init__(password, port)

    def tenant(self, told: Mapping[str, Any], port: int) -> Registration:
        """Return a registration that nobody has signed in for."""
        known = ("user", "password", "callback", "pkce")
        made = Registration(**{name: told[name] for name in known if name in told})
        made.issuer = f"http://{told.get('host', '')}:{port}"
        return made

    # -- what apps ask -------------------------------------------------------------------------

    async def answer(self, tenant: Registration, request: HttpRequest) -> Response:
        """Answer a request of an app, or of a browser that has come here by itself."""
        match request.method, request.path:
            case "GET", "/.well-known/openid-configuration":
                return answered(described(tenant.issuer))
            case "GET", "/jwks":
                return answered({"keys": [tenant.signer.public]})
            case "GET", "/authorize":
                return Response(headers={"Content-Type": "text/html; charset=utf-8"}, body=PAGE)
            case "POST", "/token":
                return await self._token(tenant, request)
            case (("GET" | "POST"), "/userinfo"):
                return self._userinfo(tenant, request)
        return answered({"error": "not_found"}, 404)

    async def _token(self, tenant: Registration, request: HttpRequest) -> Response:
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        client, password, how = credentials(request, form)
        orders = tenant.orders
        await asyncio.sleep(orders.delay)
        error, claims = "", dict[str, Any]()
        if orders.fail:
            orders.fail -= orders.fail > 0
            error = "temporarily_unavailable"
        elif not tenant.allows(password if client == tenant.user else "", request.host):
            error = "invalid_client"
        elif form.get("grant_type") != "authorization_code":
            error = "unsupported_grant_type"
        else:
            error, claims = self._redeemed(tenant, form)
        tenant.records.keep(
            tenant.records.tokens,
            {"how": how, "error": error, "verifier": bool(form.get("code_verifier"))},
        )
        if error:
            status = {"invalid_client": 401, "temporarily_unavailable": orders.code}
            return answered({"error": error}, status.get(error, 400), FRESH)
        return answered(claims, headers=FRESH)

    def _redeemed(
        self, tenant: Registration, form: Mapping[str, str]
    ) -> tuple[str, dict[str, Any]]:
        """Return an error, or what is answered for a code; that is good for once."""
        grant = tenant.grants.pop(form.get("code", ""), None)
        if grant is None or not grant.redirect_uri or time.time() - grant.at > CODE_SECONDS:
            return "invalid_grant", {}
        if form.get("redirect_uri") != grant.redirect_uri:
            return "invalid_grant", {}
        if not verifies(form.get("code_verifier", ""), grant.challenge):
            return "invalid_grant", {}
        claims = claims_of(tenant.issuer, tenant.user, str(grant.claims["sub"]), grant.nonce)
        return "", {
            "access_token": tenant.issue(replace(grant, redirect_uri="")),
            "token_type": "Bearer", "expires_in": LIFETIME,
            "id_token": tenant.signer.token({**grant.claims, **claims}, tenant.orders.lie),
        }  # fmt: skip

    def _userinfo(self, tenant: Registration, request: HttpRequest) -> Response:
        _, _, said = request.headers.get("authorization", "").partition(" ")
        grant = tenant.grants.get(said.strip())
        if grant is None or grant.redirect_uri or time.time() - grant.at > LIFETIME:
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return answered({"error": "invalid_token"}, 401, headers)
        lie = {"sub": secrets.token_hex(8)} if tenant.orders.lie == "subject" else {}
        return answered({**grant.claims, **lie}, headers=FRESH)

    # -- orders --------------------------------------------------------------------------------

    async def obey(self, tenant: Registration, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out what the suite asks for."""
        full = {"full": tenant.records.full}
        match asked["do"]:
            case "sign_in":
                return self._signed_in(tenant, asked)
            case "authorizations":
                return page(tenant.records.authorizations, asked["after"]) | full
            case "tokens":
                return page(tenant.records.tokens, asked["after"]) | full
            case "rotate":
                tenant.signer = Signer()
            case "orders":
                before = tenant.orders if asked["orders"] else TokenOrders()
                tenant.orders = replace(before, **asked["orders"])
                tenant.orders.delay = min(max(tenant.orders.delay, 0.0), LONGEST_DELAY)
        return {}

    def _signed_in(self, tenant: Registration, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return where a browser is sent that has signed in, or why it is sent nowhere."""
        pairs = parse_qsl(asked["query"], keep_blank_values=True)
        query = dict(pairs)
        names = ("client_id", "redirect_uri", "scope", "state", "nonce", "response_type",
                 "code_challenge", "code_challenge_method")  # fmt: skip
        told = {name: query.get(name, "")[:LONG] for name in names}
        tenant.records.keep(tenant.records.authorizations, told)
        if len(query) < len(pairs):
            return {"fault": "a parameter comes more than once"}
        if fault := tenant.fault(query):
            return {"fault": fault}
        error = tenant.refusal(query) or asked["error"]
        if error:
            back = {"error": error}
        else:
            grant = Grant(
                claims=asked["claims"], redirect_uri=query["redirect_uri"],
                nonce=query.get("nonce", ""), challenge=query.get("code_challenge", ""),
                at=time.time(),
            )  # fmt: skip
            back = {"code": tenant.issue(grant)}
        if "state" in query:
            wrong = tenant.orders.lie == "state"
            back["state"] = secrets.token_urlsafe(12) if wrong else query["state"]
        joined = "&" if "?" in query["redirect_uri"] else "?"
        return {"location": f"{query['redirect_uri']}{joined}{urlencode(back)}", "error": error}


def credentials(request: HttpRequest, form: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the client, its secret, and how they came: `basic`, `post`, or not at all."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client, _, password = base64.b64decode(said).decode("utf-8", "replace").partition(":")
        except binascii.Error:
            return "", "", "basic"
        return unquote_plus(client), unquote_plus(password), "basic"
    how = "post" if "client_secret" in form else ""
    return form.get("client_id", ""), form.get("client_secret", ""), how


def described(issuer: str) -> dict[str, Any]:
    """Return the provider's metadata (OpenID Connect Discovery)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
    }


def main() -> None:
    """Run the program."""

    async def run() -> None:
        await serve(IdentityProgram(os.environ["GRADER_PASSWORD"]))

    asyncio.run(run())
