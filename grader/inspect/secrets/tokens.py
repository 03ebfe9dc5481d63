"""Credentials that are known by their form: private keys, and tokens of well-known services.

The forms are the services' own (`forms`); text without a form's fixed part is never searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from grader.inspect.secrets.decode import runs
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.forms import FORMS
from grader.inspect.secrets.values import UNKNOWN, entropy, is_placeholder

JWT = re.compile(r"(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000}")
PRIVATE_KEY = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]{2,12} ){0,3})PRIVATE KEY(?: BLOCK)?-----"
    r"(?P<body>(?:[A-Za-z0-9+/=\s\\:,.\"'-]|\\n){0,400})"
)
PUTTY = re.compile(r"^PuTTY-User-Key-File-\d: (\S+)", re.MULTILINE)
BODY = re.compile(r"[A-Za-z0-9+/]{40}")
MAX_HITS = 200
"""Of one form in one file."""


WORDS = re.compile(r"[@#.$/*-]*[A-Za-z_][A-Za-z_.:/=-]*\d{0,4}[.:=]?")


@lru_cache(maxsize=4)
def has_run(text: str) -> bool:
    """Return whether `text` has a long run of characters that are no words, as each token is."""
    return any(map(_is_run, runs(text)))


def _is_run(run: str) -> bool:
    if not WORDS.fullmatch(run):
        return any(map(str.isdigit, run)) or len(run) > 200
    return len(run) >= 30 and not run.islower() and not run.isupper()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{pattern})(?![A-Za-z0-9_])")


def find_tokens(text: str) -> Iterator[tuple[str, int, str]]:
    """Each token in `text`: its service, where it begins, itself. Placeholders are left out."""
    if not has_run(text):
        return
    written = "\n".join(runs(text))  # each token is in one of them, and most texts have few
    for form in FORMS:
        if form.sign not in written:
            continue
        for count, found in enumerate(_compiled(form.pattern).finditer(text)):
            if count >= MAX_HITS:
                break
            if is_live(found[0]):
                yield form.service, found.start(), found[0]


def is_live(token: str) -> bool:
    """Return whether a token of the right form is more than a drawing of one."""
    body = re.sub(r"^[A-Za-z]{1,6}[-_.]", "", token)
    lower = token.lower()
    return (
        entropy(body) >= 2.7
        and "example" not in lower
        and "your" not in lower
        and not is_placeholder(body)
        and UNKNOWN not in token
        and not re.search(r"1234567890|0123456789|abcdefghij", lower)
    )


def find_keys(text: str) -> Iterator[tuple[str, int, str]]:
    """Each private key in `text`: what kind, where it begins, how its body begins."""
    if "PRIVATE KEY" in text:
        for found in PRIVATE_KEY.finditer(text):
            body = re.sub(r"\\[nr]|[\s\"']", "", found["body"])
            start = BODY.search(body)
            if start and is_live(start[0]):
                yield f"{found[1]}PRIVATE KEY", found.start(), start[0]
    if "PuTTY-User-Key-File" in text:
        for found in PUTTY.finditer(text):
            yield f"PuTTY key ({found[1][:20]})", found.start(), found[0]


def find_jwts(text: str) -> Iterator[tuple[int, str]]:
    """Each signed web token in `text`; where it begins, and itself."""
    if "eyJ" in text:
        for count, found in enumerate(JWT.finditer(text)):
            if count >= MAX_HITS:
                return
            yield found.start(), found[0]


def known_forms(text: str, line: int | None = None) -> Iterator[Hit]:
    """Hits for every credential in `text` that is known by its form.

    They stand at `line`, or where they stand in `text` with None.
    """

    def at(start: int) -> int:
        return line if line is not None else text.count("\n", 0, start) + 1

    for service, start, token in find_tokens(text):
        yield Hit(
            rule="token", severity=Severity.THIRD_PARTY, line=at(start), name=service, value=token
        )
    for kind, start, body in find_keys(text):
        yield Hit(
            rule="private-key", severity=Severity.THIRD_PARTY, line=at(start), name=kind, value=body
        )
