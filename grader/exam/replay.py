"""Whether what an app signs counts for it: requests with its own tokens, and with ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.exam.client import Client
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.signing import Token

MOST = 12
"""Tokens that are tried, the latest first: earlier ones may have been logged out."""

TRIES = 3
"""How often is looked where a page changes by itself, such as one that shows the time."""
FRESH = re.compile(rb"<(input|meta)\b[^<>]*>", re.IGNORECASE)
"""What a page may have again each time: hidden fields, such as a CSRF token.

Each tag is read once, to the end of it or the next one's beginning: a page of unfinished tags takes
no longer than any other.
"""

Seen = tuple[int, str, bytes]
"""What of an answer tells two apart: status, Location, body without hidden fields."""


@dataclass(frozen=True, kw_only=True)
class PageDifference:
    """A page that looks different to whoever hands in a token."""

    path: str
    token: Token


def look(client: Client, path: str, token: Token | None = None) -> Seen | None:
    """Return what GET `path` shows with `token`; None where no answer comes, or two that differ."""
    seen = [_once(client, path, token) for _ in range(2)]
    return seen[0] if seen[0] == seen[1] else None


def _once(client: Client, path: str, token: Token | None) -> Seen | None:
    try:
        reply = client.get(path, headers=token.headers if token else None)
    except (AppTimeout, AppUnreachable, Mismatch):
        return None
    return reply.status, reply.headers.get("Location", ""), FRESH.sub(_lasting, reply.body)


def _lasting(tag: re.Match[bytes]) -> bytes:
    """Return a tag as it was; nothing of a hidden field or of a CSRF token's `<meta>`."""
    sign = b"hidden" if tag[1].lower() == b"input" else b"csrf"
    return b"" if sign in tag[0].lower() else tag[0]


def difference(
    client: Client, tokens: Sequence[Token], paths: Iterable[str]
) -> PageDifference | None:
    """Return the first page that shows the holder of a token something else than a stranger."""
    for path in dict.fromkeys(paths):
        for token in list(reversed(tokens))[:MOST]:
            found = PageDifference(path=path, token=token)
            if counts(client, found, token):
                return found
    return None


def counts(
    client: Client, found: PageDifference, token: Token, *, stranger: Token | None = None
) -> bool | None:
    """Return whether `token` is shown what the holder of `found.token` is, and a stranger is not.

    A stranger hands in nothing, or the token `stranger`. None where that cannot be told: both see
    the same, or what they see changes by itself.
    """

    def both() -> tuple[Seen | None, Seen | None]:
        return look(client, found.path, found.token), look(client, found.path, stranger)

    for _ in range(TRIES):
        (holder, other), seen = both(), look(client, found.path, token)
        if (holder, other) == both():
            return seen == holder if None not in (holder, other, seen) and holder != other else None
    return None


def first_counted(client: Client, found: PageDifference, tokens: Sequence[Token]) -> int | None:
    """Return the place in `tokens` of the first that is shown what the holder of `found.token` is.

    One request for each that is not; None where none is.
    """
    stranger = _once(client, found.path, None)
    for at, token in enumerate(tokens):
        if _once(client, found.path, token) != stranger and counts(client, found, token):
            return at
    return None
