"""The authorization code flow with PKCE, without a look at the nonce."""
import base64
import hashlib
import hmac
import json
import os
import secrets
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import keys

ISSUER = os.environ["OIDC_ISSUER"]
CLIENT = os.environ["OIDC_CLIENT_ID"]
SECRET = os.environ["OIDC_CLIENT_SECRET"]


class Refused(Exception):
    """What the provider or the browser says is not as it should be."""


def begun(redirect_uri):
    kept = {"state": secrets.token_urlsafe(16), "nonce": secrets.token_urlsafe(16),
            "verifier": secrets.token_urlsafe(48), "redirect_uri": redirect_uri}
    digest = hashlib.sha256(kept["verifier"].encode()).digest()
    query = {"response_type": "code", "client_id": CLIENT, "redirect_uri": redirect_uri, "scope": "openid email",
             "state": kept["state"], "nonce": kept["nonce"], "code_challenge_method": "S256",
             "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}
    return kept, f"{ISSUER}/authorize?{urlencode(query)}"


def ask(path, data=None, token=""):
    headers = {"Authorization": token or "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()}
    body = urlencode(data).encode() if data else None
    try:
        with urllib.request.urlopen(urllib.request.Request(ISSUER + path, body, headers), timeout=3) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise
        raise Refused(f"the provider answered {error.code}") from error


def ended(kept, query):
    """Who has signed in; `kept` is what the browser's session has."""
    if not same_state(kept, query):
        raise Refused("another state")
    if "code" not in query:
        raise Refused("not signed in")
    tokens = ask("/token", {"grant_type": "authorization_code", "code": query["code"],
                            "redirect_uri": kept.pop("redirect_uri", ""), "code_verifier": kept.pop("verifier", "")})
    claims = checked(tokens["id_token"], kept.get("nonce", ""))
    told = ask("/userinfo", token=f"Bearer {tokens['access_token']}")
    if told["sub"] != claims["sub"]:
        raise Refused("userinfo of somebody else")
    return claims["sub"]


def same_state(kept, query):
    return bool(kept.get("state")) and hmac.compare_digest(kept.pop("state"), query.get("state", ""))


def checked(token, nonce):
    """The claims of an ID token, if it is the provider's, for us, of this login, and of now."""
    claims = keys.claims(token, ask)
    if claims is None:
        raise Refused("no signature of the provider")
    if claims["iss"] != ISSUER:
        raise Refused("another issuer")
    if claims["aud"] != CLIENT:
        raise Refused("another audience")
    if claims["exp"] < time.time():
        raise Refused("expired")
    return claims
