"""The log-ins that a RabbitMQ server has refused, as its log tells.

Each entry is a JSON object in one line, so that no name which a client gives begins another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from grader.services.base import Refusal

MOST_KEPT = 5000
"""Refusals of one run that are told."""
USER = 400
"""Characters of a user's name that are kept."""
CAME = re.compile(
    r"Error on AMQP connection <[\d.]{1,40}> \((?P<host>[0-9a-fA-F.:]{1,60}):\d{1,5} -> "
    r"[^\n]{1,80}, state: starting\):\n[\w-]{1,40} login refused: user '"
)
WRONG, BLANK = "' - invalid credentials", "' attempted to log in with a blank password"
"""What stands behind the user's name."""
LOCAL = re.compile(r"127\.|::1$|::ffff:127\.")


def refusals_in(lines: Iterable[str]) -> tuple[Refusal, ...]:
    """Return the log-ins that the `lines` of a server's log say it has refused.

    Those of its own container are left out.
    """
    found = [one for one in map(_refusal, lines) if one]
    return tuple(found[:MOST_KEPT])


def _refusal(line: str) -> Refusal | None:
    if "login refused" not in line:
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    said = entry.get("msg") if isinstance(entry, dict) else None
    if not isinstance(said, str) or (came := CAME.match(said)) is None:
        return None
    if LOCAL.match(came["host"]):
        return None
    rest = said[came.end() :]
    at, blank = rest.rfind(WRONG), rest.rfind(BLANK)
    if max(at, blank) < 0:
        return None
    return Refusal(
        user=rest[: max(at, blank)][:USER], host=came["host"], guessed=at > blank, line=line
    )
