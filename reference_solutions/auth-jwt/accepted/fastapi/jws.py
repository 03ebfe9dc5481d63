"""JSON Web Tokens by hand: HS256 alone, so that there is no algorithm to choose."""

import base64
import hmac
import json
import re
import time

import settings

FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def mac(text):
    return encoded(hmac.digest(settings.KEY, text.encode(), "sha256"))


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text):
    """The JSON object that a part of a token holds. Raises ValueError where it holds none."""
    value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(value, dict):
        raise ValueError("It is no object.")
    return value


def sign(claims):
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{mac(signed)}"


def verified(token):
    """The claims of an access token that counts. Raises ValueError for any other one."""
    if not FORM.fullmatch(token):
        raise ValueError("It is no token.")
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(mac(signed), signature):
        raise ValueError("The signature is wrong.")
    head, claims = map(decoded, signed.split("."))
    if head.get("alg") != "HS256":
        raise ValueError("The algorithm is another one.")
    check(claims)
    return claims


def check(claims):
    now, audience = time.time(), claims.get("aud")
    if claims.get("type") != "access" or claims.get("iss") != settings.ISSUER:
        raise ValueError("It is of another type or issuer.")
    if settings.AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
        raise ValueError("It is for another audience.")
    if not isinstance(claims.get("exp"), int | float) or claims["exp"] <= now:
        raise ValueError("It has expired.")
    if "nbf" in claims and not (isinstance(claims["nbf"], int | float) and claims["nbf"] <= now):
        raise ValueError("Its time has not come.")
    if not isinstance(claims.get("sub"), str):
        raise ValueError("It is nobody's.")
