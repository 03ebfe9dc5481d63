"""Cookies changed in ways that no app may take for its own."""

import base64
import binascii
import re
from urllib.parse import quote, unquote

NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,9}(?![0-9A-Za-z])")
"""A number that stands by itself: an id, not a part of a signature."""


def decoded(value):
    """The forms that a cookie's value may hide: each with the way back."""
    yield value, str
    plain = unquote(value)
    if plain != value:
        yield plain, quote
    raw = value.strip('"')
    try:
        text = base64.b64decode(raw + "=" * (-len(raw) % 4), altchars=b"-_").decode()
    except (binascii.Error, ValueError):
        return
    yield text, lambda changed: base64.urlsafe_b64encode(changed.encode()).decode()


def meaning(value):
    """What the parts of a cookie's value stand for, a signature in base64 among them.

    The last letter of base64 may have bits that mean nothing: to change them changes nothing.
    """
    parts = []
    for part in value.strip('"').split("."):
        try:
            plain = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            plain = part.encode()
        parts.append(plain)
    return parts


def forgeries(value, own, other):
    """`value` changed in a way that means something: see `changes`; each once."""
    kept = meaning(value)
    return [one for one in dict.fromkeys(changes(value, own, other)) if meaning(one) != kept]


def changes(value, own, other):
    """`value` changed: a letter, its signature, the user's name, a number, a word for the role."""
    for at in {len(value) // 2, value.rfind(".") + 1, 0}:
        letter = "A" if value[at : at + 1] != "A" else "B"
        yield value[:at] + letter + value[at + 1 :]
    if "." in value:
        yield value.rpartition(".")[0]
        yield value.rpartition(".")[0] + "."
    for text, back in decoded(value):
        if own in text:
            yield back(text.replace(own, other))
        for found in list(NUMBER.finditer(text))[:6] if len(text) < 300 else ():
            number = int(found[0])
            for changed in (number - 1, number + 1):
                yield back(f"{text[: found.start()]}{changed}{text[found.end() :]}")
