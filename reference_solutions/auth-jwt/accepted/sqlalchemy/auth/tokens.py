"""JSON Web Tokens, by joserfc."""

import time

from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

REQUIRED = ("iss", "aud", "sub", "exp", "type", "sid", "jti")


def _key():
    return OctKey.import_key(current_app.config["JWT_SECRET"])


def make(kind, session, jti):
    """A token of that kind, `access` or `refresh`, for a session."""
    config, now = current_app.config, int(time.time())
    claims = {
        "iss": config["JWT_ISSUER"],
        "aud": config["JWT_AUDIENCE"],
        "sub": session.user_id,
        "iat": now,
        "exp": now + config[f"{kind.upper()}_SECONDS"],
        "type": kind,
        "sid": session.id,
        "jti": jti,
    }
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, _key())


def read(kind, text):
    """The claims of a token, if it is one of that kind and counts; else None."""
    config = current_app.config
    expected = {
        "iss": config["JWT_ISSUER"],
        "aud": config["JWT_AUDIENCE"],
        "type": kind,
    }
    rules = {name: {"essential": True} for name in REQUIRED}
    for name, value in expected.items():
        rules[name]["value"] = value
    try:
        claims = jwt.decode(text, _key(), algorithms=["HS256"]).claims
        jwt.JWTClaimsRegistry(leeway=0, **rules).validate(claims)
    except (JoseError, ValueError, TypeError):  # what is no token at all raises the latter two
        return None
    return claims
