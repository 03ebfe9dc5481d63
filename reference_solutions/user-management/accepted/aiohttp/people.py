"""Passwords, tokens, sessions."""

import asyncio
import base64
import hashlib
import hmac
import secrets

from fields import Refused
from store import FIELDS, connected

HASHING = {"n": 2**14, "r": 8, "p": 1}


def digest(token):
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, **HASHING)


def hash_now(password):
    salt = secrets.token_bytes(16)
    parts = (base64.b64encode(one).decode() for one in (salt, scrypt(password, salt)))
    return "$".join(("scrypt", *parts))


async def password_hash(password):
    return None if password is None else await asyncio.to_thread(hash_now, password)


async def is_password(password, kept):
    if not kept or not kept.startswith("scrypt$"):
        return False
    salt, wanted = (base64.b64decode(one) for one in kept.split("$")[1:])
    return hmac.compare_digest(await asyncio.to_thread(scrypt, password, salt), wanted)


async def asking(request, *roles):
    """The active user whose token came along, who has one of the roles."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(401, "A token is needed.")
    async with connected(request.app["pool"]) as connection:
        user = await connection.fetchrow(
            f"SELECT {FIELDS} FROM users WHERE active AND id = "
            "(SELECT user_id FROM sessions WHERE token_hash = $1)",
            digest(token),
        )
    if user is None:
        raise Refused(401, "The token does not count.")
    if user["role"] not in roles:
        raise Refused(403, "This is not for your role.")
    return user
