"""Text from a student is hostile: cleaned and cut here before anybody reads it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from urllib.parse import quote

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # OSC, DCS and their kin that end on the line
    r"|\x1b[ -/]*[0-~]?"  # any other escape; of one without an end, its beginning only
)
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 and C1 controls other than tab and newline, bidirectional overrides, lone surrogates."""


URL_SAFE = str.maketrans("+/", "-_")


def clean(text: str) -> str:
    """`text` without escape sequences, control characters and bidirectional overrides."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", ESCAPES.sub("", text))


def clip(text: str, limit: int = 2000) -> str:
    """`text`, cut to `limit` characters; what was left out is said."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters)"


TAIL_CHARACTERS = 6000
"""How much of a log's end is shown at most, however many lines are asked for."""


def last_lines(text: str, count: int = 15, width: int = 300) -> str:
    """The last `count` lines of `text` that are not blank, each cut to `width` characters.

    Fewer where they come to more than `TAIL_CHARACTERS`. This is how every tail of a log is taken.
    """
    lines = [line.rstrip() for line in clean(text).split("\n") if line.strip()]
    shown, room = list[str](), TAIL_CHARACTERS
    for line in reversed(lines[-count:]):
        cut = clip(line, width)
        room -= len(cut) + 1
        if room < 0:
            break
        shown.append(cut)
    return "\n".join(reversed(shown))


SHORTEST_SECRET = 6
"""Characters below which a value is looked for nowhere: it would be found in ordinary words."""


def encodings(value: str) -> dict[str, str]:
    """The forms in which a secret is found again, each with what it is called.

    As it is; in base64, whatever stands before it; in hexadecimal; escaped for URLs, HTML and JSON;
    backwards.
    """
    raw = value.encode()
    forms = {value: "as it is"}
    for before in range(3):
        # the characters that do not depend on what stands before or after the secret
        start, end = (0, 2, 3)[before], len(raw) + before
        coded = base64.b64encode(b"\0" * before + raw).decode()[start : end * 4 // 3]
        forms.setdefault(coded, "in base64")
        forms.setdefault(coded.translate(URL_SAFE), "in base64")
    forms.setdefault(raw.hex(), "in hexadecimal")
    forms.setdefault(raw.hex().upper(), "in hexadecimal")
    forms.setdefault(quote(value, safe=""), "escaped for a URL")
    forms.setdefault(html.escape(value), "escaped for HTML")
    forms.setdefault(json.dumps(value)[1:-1], "escaped for JSON")
    forms.setdefault(value[::-1], "backwards")
    return {form: how for form, how in forms.items() if len(form) >= SHORTEST_SECRET}


def redact(text: str, secrets: Mapping[str, str]) -> str:
    """`text` with each secret's value, in whatever form, replaced by its name in brackets."""
    for name, value in secrets.items():
        if len(value) >= SHORTEST_SECRET:
            for form in sorted(encodings(value), key=len, reverse=True):
                text = text.replace(form, f"[{name}]")
    return text


def nearest(word: str, known: list[str]) -> str:
    """A clause that names the known word nearest to `word`; empty where none is near."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
