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

FRESH = re.compile(rb"<input\b[^>]*\bhidden\b[^>]*>|<meta\b[^>]*csrf[^>]*>", re.IGNORECASE)
"""What a page may have anew each time: hidden fields, such as a CSRF token."""

Seen = tuple[int, str, bytes]
"""What of an answer tells two apart: status, Location, body without hidden fields."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A page that looks different to whoever hands in a token."""

    path: str
    token: Token
    seen: Seen
    """What the token's holder sees."""


def look(client: Client, path: str, token: Token | None = None) -> Seen | None:
    """What GET `path` shows with `token`; None where no answer comes, or two that differ."""
    seen = [_once(client, path, token) for _ in range(2)]
    return seen[0] if seen[0] == seen[1] else None


def _once(client: Client, path: str, token: Token | None) -> Seen | None:
    try:
        reply = client.get(path, headers=token.headers if token else None)
    except (AppTimeout, AppUnreachable, Mismatch):
        return None
    return reply.status, reply.headers.get("Location", ""), FRESH.sub(b"", reply.body)


def difference(client: Client, tokens: Sequence[Token], paths: Iterable[str]) -> Difference | None:
    """The first page that shows the holder of one of `tokens` something else than a stranger."""
    for path in dict.fromkeys(paths):
        stranger = look(client, path)
        if stranger is None:
            continue
        for token in list(reversed(tokens))[:MOST]:
            seen = look(client, path, token)
            if seen is not None and seen != stranger:
                return Difference(path=path, token=token, seen=seen)
    return None
