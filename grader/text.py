"""Text from a student is hostile: cleaned and cut here before anybody reads it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Self
from urllib.parse import quote

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # OSC, DCS and their kin that end on the line
    r"|\x1b[ -/]*[0-~]?"  # any other escape; of one without an end, its beginning only
)
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"  # C0, C1, lone surrogates
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # direction, and lines of another kind
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u2060-\u2065"  # no width
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U00013430-\U00013440\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"  # tags, and selectors of variants
)
"""What is not seen and hides or turns other text. Tab and newline stay."""
JOINERS = re.compile(
    "(?<![\u203c-\u3299\ufe0f\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u203c-\u3299\U0001f000-\U0001faff])"
    "|(?<![#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)
"""The joiner and the selectors of emoji, where they stand alongside anything else."""


URL_SAFE = str.maketrans("+/", "-_")


class LocatedSentence(str):
    """A sentence about a file of the submission, or a line of it, which it begins with.

    It is what a reader sees (`compose.yml:4: …`), and keeps what it was made from, so that nobody
    has to read that out of it again.
    """

    __slots__ = ("line", "path", "says")

    path: str
    line: int
    """From 1; 0 where the whole file is meant."""
    says: str
    """What follows the place."""

    def __new__(cls, path: str, line: int, says: str) -> Self:
        """Make the sentence that `says` something of `line` in the file `path`."""
        made = super().__new__(cls, f"{path}:{line}: {says}" if line else f"{path}: {says}")
        made.path, made.line, made.says = path, line, says
        return made


def clean(text: str) -> str:
    """`text` without escape sequences; what is not seen, or turns other text, is made visible."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = CONTROLS.sub("\N{REPLACEMENT CHARACTER}", ESCAPES.sub("", text))
    return text if text.isascii() else JOINERS.sub("\N{REPLACEMENT CHARACTER}", text)


def clip(text: str, limit: int = 2000) -> str:
    """`text` with at most `limit` of its characters: a third from its beginning, the rest its end.

    Errors stand at the end. What was left out between is said.
    """
    if len(text) <= limit:
        return text
    tail = limit - limit // 3
    left_out = f"({len(text) - limit} characters left out)"
    return f"{text[: limit - tail]}… {left_out} …{text[len(text) - tail :]}"


def shorten(lines: Sequence[str], count: int) -> list[str]:
    """At most `count` of `lines`: a third from their beginning, the rest their end.

    A line between says how many are left out.
    """
    if len(lines) <= count:
        return list(lines)
    head = count // 3
    left_out = f"… {len(lines) - count} lines left out here; the JSON report has them …"
    return [*lines[:head], left_out, *lines[head - count :]]


TAIL_CHARACTERS = 6000
"""How much of a log's end is shown at most, however many lines are asked for."""


def last_lines(text: str, count: int = 15, width: int = 1200) -> str:
    """Return the last `count` lines of `text` that are not blank, each cut to `width` characters.

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
    """Return the forms in which a secret is found again, each with what it is called.

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


@lru_cache(maxsize=512)
def _forms(value: str) -> tuple[str, ...]:
    """Return the forms of a secret, the longest first."""
    return tuple(sorted(encodings(value), key=len, reverse=True))


def redact(text: str, secrets: Mapping[str, str]) -> str:
    """`text` with each secret's value, in whatever form, replaced by its name in brackets."""
    for name, value in secrets.items():
        if len(value) >= SHORTEST_SECRET:
            for form in _forms(value):
                text = text.replace(form, f"[{name}]")
    return text


def nearest(word: str, known: list[str]) -> str:
    """Return a clause that names the known word nearest to `word`; empty where none is near."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
