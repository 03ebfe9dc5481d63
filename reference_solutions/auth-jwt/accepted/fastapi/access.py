"""Sessions with their tokens, and who sends a request."""

import hmac
import re
import secrets
import time
from typing import Annotated

import jws
import settings
import store
from fastapi import Depends, Header, HTTPException

REFRESH = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


def pair(person, login, turn):
    """Both tokens of a session, as they are answered."""
    now = int(time.time())
    claims = {
        "iss": settings.ISSUER, "aud": [settings.AUDIENCE], "sub": f"person {person}",
        "iat": now, "exp": now + settings.ACCESS_SECONDS, "type": "access",
        "login": login, "nonce": secrets.token_hex(4),
    }  # fmt: skip
    known = f"{login}.{turn}.{now + settings.REFRESH_SECONDS}"
    return {
        "access_token": jws.sign(claims),
        "refresh_token": f"{known}.{jws.mac('refresh ' + known)}",
        "token_type": "Bearer",
        "expires_in": settings.ACCESS_SECONDS,
    }


def begin(person):
    _, login = store.change("INSERT INTO login (person) VALUES (%s)", person)
    return pair(person, login, 0)


def end(login):
    store.change("DELETE FROM login WHERE number = %s", login)


def exchanged(token):
    """New tokens for a refresh token; None where it does not count."""
    found = REFRESH.fullmatch(token)
    known = token.rpartition(".")[0]
    if not found or not hmac.compare_digest(found[4], jws.mac("refresh " + known)):
        return None
    login, turn, until = (int(found[at]) for at in (1, 2, 3))
    if until <= time.time():
        return None
    row = store.first("SELECT person FROM login WHERE number = %s", login)
    sql = "UPDATE login SET turn = turn + 1 WHERE number = %s AND turn = %s"
    changed, _ = store.change(sql, login, turn)
    if not row or not changed:  # it was used before, or its session has ended
        end(login)
        return None
    return pair(row[0], login, turn + 1)


class Caller:
    """Whoever sends a request, as the database knows them at this moment."""

    def __init__(self, authorization: Annotated[str, Header()] = ""):
        kind, _, token = authorization.partition(" ")
        try:
            claims = jws.verified(token if kind.lower() == "bearer" else "")
        except ValueError:
            raise HTTPException(401, "There is no access token that counts.") from None
        self.login = claims.get("login")
        row = isinstance(self.login, int) and store.first(
            "SELECT person.number, name, role FROM login JOIN person ON person.number = person "
            "WHERE login.number = %s",
            self.login,
        )
        if not row or claims["sub"] != f"person {row[0]}":
            raise HTTPException(401, "The session has ended.")
        self.number, self.role = row[0], row[2]
        self.user = {"id": self.number, "username": row[1].decode(), "role": self.role}


Anyone = Annotated[Caller, Depends()]


def only(*roles):
    def check(caller: Anyone):
        if caller.role not in roles:
            raise HTTPException(403, f"Only for {' and '.join(roles)}.")
        return caller

    return Annotated[Caller, Depends(check)]
