"""What runs in the process that reads mails: `python -I -m … SECONDS`.

Python's own library reads them, with all that mail programs read: how long it takes depends on
what an app has written. A request is a mail in base64, the answer what is told of it.
"""

from __future__ import annotations

import base64
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

from grader.exam.confined_serve import Unreadable, serve

MOST_HEADERS = 500
HEADER_CHARACTERS = 256 * 1024
"""Characters of all headers together."""
TOO_MANY = f"it has more than {MOST_HEADERS} headers, or {HEADER_CHARACTERS} characters of them"
CHARACTERS = 200_000
"""Characters of a mail's text that are kept, and of its HTML."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
"""What the standard library raises for mails that are none; `serve` tells of depth and memory."""


def read(encoded: str) -> dict[str, Any]:
    """Return headers, text and HTML of a mail. Raises `Unreadable`."""
    try:
        message = message_from_bytes(base64.b64decode(encoded), policy=policy.default)
        headers = _headers(message)
        return {"headers": headers, "text": _body(message, "plain"), "html": _body(message, "html")}
    except UNREADABLE as error:
        raise Unreadable(str(error)) from error


def _headers(message: EmailMessage) -> list[tuple[str, str]]:
    """Return its headers by their names in small letters; of one that comes twice the first.

    As pairs: an object whose only name is `hex` stands for something else in such an answer.
    """
    found: dict[str, str] = {}
    size = 0
    for name in message:
        if name.lower() in found:
            continue
        text = plain(str(message[name]))
        size += len(name) + len(text)
        if len(found) >= MOST_HEADERS or size > HEADER_CHARACTERS:
            raise Unreadable(TOO_MANY)
        found[plain(name.lower())] = text
    return list(found.items())


def _body(message: EmailMessage, kind: str) -> str:
    part: Message | None = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        text = raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset that nobody knows
        text = raw.decode("utf-8", "replace")
    return plain(text.replace("\r\n", "\n")[:CHARACTERS])


def plain(text: str) -> str:
    """Return `text` with U+FFFD for what is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


if __name__ == "__main__":
    serve(read, float(sys.argv[1]))
