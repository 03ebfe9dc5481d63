"""The log-ins that a Redis server has refused, as its log of refusals (ACL LOG) tells.

Each look empties that log, because Redis counts refusals of one kind within a minute as one entry:
those before and after a look are told apart only so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from grader.services.base import Refusal
from grader.services.redis.administered import AdministeredRedis

MOST = 1000
"""Entries that are read of the log; the server keeps no more."""
MOST_KEPT = 5000
"""Refusals of one run that are remembered."""
USER = 400
"""Characters of a user's name that are kept."""
CAME = re.compile(r"(?:^| )addr=(?P<host>[^ ]{1,100}):\d+ ")
SIZE = re.compile(r"\bargv-mem=(?P<size>\d+)\b")
LOCAL = re.compile(r"127\.|::1$|\[::1\]$")


def read_refusals(server: AdministeredRedis) -> tuple[Refusal, ...]:
    """Return what `server` has refused in this run. Raises `PlatformError`."""
    # no MULTI: a server whose memory is full queues nothing. What comes in one packet is
    # answered at one go as well
    entries, _ = server.admin.ask_each([("ACL", "LOG", MOST), ("ACL", "LOG", "RESET")])
    known = server.refused
    for entry in reversed(entries):
        found = refusal_of(_fields(entry), len(known))
        if found and len(known) < MOST_KEPT:
            known.append(found)
    return tuple(known)


def refusal_of(entry: dict[str, Any], number: int) -> Refusal | None:
    """Return what an entry of the log tells; None where it is about no log-in from elsewhere.

    `number` makes its line unlike any other's.
    """
    client = str(entry.get("client-info", ""))
    came = CAME.search(client)
    if entry.get("reason") != "auth" or came is None or LOCAL.match(came["host"]):
        return None
    user, command = str(entry.get("username", "")), str(entry.get("object", ""))
    return Refusal(
        user=user[:USER], host=came["host"],
        guessed=password_length(command, user, client) != 0,
        line=f"{number}: {command} {user[:USER]} from {came['host']}",
    )  # fmt: skip


def password_length(command: str, user: str, client: str) -> int | None:
    """Return how many bytes the password had that was refused; None where that is not known.

    The log tells no password, but how many bytes all words of the command had together
    (`argv-mem`): those of `AUTH user password` or `HELLO 3 AUTH user password`.
    """
    size = SIZE.search(client)
    others = {"AUTH": len("AUTH"), "HELLO": len("HELLO3AUTH")}.get(command.upper())
    if size is None or others is None:
        return None
    left = int(size["size"]) - others - len(user.encode("utf-8", "surrogateescape"))
    # a client that knows passwords only (`AUTH password`) is logged as the user `default`
    return left + len(user) if left < 0 and user == "default" else left


def _fields(entry: Sequence[Any]) -> dict[str, Any]:
    """Return an entry as Redis lists it: names and values in turn."""
    words = [one.decode("utf-8", "surrogateescape") if isinstance(one, bytes) else one
             for one in entry]  # fmt: skip
    return dict(zip(words[::2], words[1::2], strict=False))
