"""JSON Web Tokens as a suite makes them: right ones, and those that nobody should believe."""

import base64
import hmac
import json

JWT = {"alg": "HS256", "typ": "JWT"}
DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def encoded(raw):
    """Bytes as the parts of a token have them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(value):
    """An object as a part of a token."""
    return encoded(json.dumps(value, separators=(",", ":")).encode())


def signature(signed, key, algorithm="HS256"):
    """The third part of a token."""
    return encoded(hmac.digest(key.encode(), signed.encode(), DIGESTS[algorithm]))


def made(claims, key, header=None, algorithm="HS256"):
    """A token with those claims; `header` takes the place of the usual one."""
    signed = f"{part(header or JWT)}.{part(claims)}"
    return f"{signed}.{signature(signed, key, algorithm)}"


def unsigned(claims, algorithm, signed_with=""):
    """A token of an algorithm that signs nothing, with nothing or a text for its signature."""
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}.{signed_with}"


def read(token):
    """Header and claims of a token; None where it is no JWT."""
    pieces = token.split(".")
    if len(pieces) != 3:
        return None
    try:
        found = [json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)))
                 for one in pieces[:2]]  # fmt: skip
    except ValueError:
        return None
    return found if all(isinstance(one, dict) for one in found) else None


def without(claims, name):
    """Claims without one of them."""
    return {key: value for key, value in claims.items() if key != name}


def other_letter(token, at):
    """A token with another letter at a place."""
    letter = "A" if token[at] != "A" else "B"
    return f"{token[:at]}{letter}{token[at + 1 :]}"
