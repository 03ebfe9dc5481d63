"""Texts in quotes that a program drew, whatever their names: hints, for nobody knows their use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.inspect.secrets.decode import longest_run
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.names import ABOUT, Sureness, snake, sureness
from grader.inspect.secrets.values import entropy, is_common, is_hash, is_uuid, looks_random

QUOTED = re.compile(r"[\"'](?P<value>[A-Za-z0-9_+/=-]{24,200})[\"']")
LEAST = 24
"""Characters of the shortest that is looked at."""
MAX_LINE = 1000
MAX_TEXTS = 2000
"""Texts of one file that are looked at."""
LIMIT = 4.5
"""Bits of entropy for each character."""
INNOCENT = re.compile(
    r"(?i)integrity|checksum|fingerprint|revision|data:|base64,|\bsha\d|digest|etag|commit|\bhref|\bsrc\b"
    r"|certificate|ssh-(?:rsa|ed25519)|public|nonce|\buuid|guid|\bhash|://|alphabet|charset|ascii"
    r"|\bpk_(?:live|test)_"
)
GIVEN = re.compile(
    r"([\w.$\[\]\"'-]{1,80})[\"'\])]{0,3}\s{0,9}(?::\s?[\w\[\]]{1,30}\s?)?[=:(,]\s{0,9}b?[\"']$"
)
MAX_GIVEN = 140
"""Characters before a value in which `GIVEN` begins: it takes 137 at most."""


def drawn_texts(text: str) -> Iterator[Hit]:
    """Hits for random texts in quotes that a name is given, each with its line; none is sure."""
    if longest_run(text) < LEAST:
        return
    number, counted = 1, 0
    for count, found in enumerate(QUOTED.finditer(text)):
        if count >= MAX_TEXTS:
            return
        start = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.end())
        end = end if end >= 0 else len(text)
        number += text.count("\n", counted, start)
        counted = start
        value = found["value"]
        if end - start > MAX_LINE or entropy(value) <= LIMIT or INNOCENT.search(text, start, end):
            continue
        given = GIVEN.search(
            text[max(start, found.start("value") - MAX_GIVEN) : found.start("value")]
        )
        name = given[1].strip("[]\"'.$") if given else ""
        told = name and not ABOUT.search(f"_{snake(name)}")
        if told and _is_drawn(value) and (sureness(name) is not Sureness.NO or len(value) >= 32):
            yield Hit(rule="random", severity=Severity.DEFAULT, line=number, name=name, value=value,
                      sure=False)  # fmt: skip


def _is_drawn(value: str) -> bool:
    """Return whether a machine drew `value` rather than that somebody wrote words in it."""
    kinds = [re.findall(pattern, value) for pattern in ("[a-z]", "[A-Z]", r"\d")]
    if min(map(len, kinds)) < 3 or not looks_random(value):
        return False
    if is_hash(value) or is_uuid(value) or is_common(value):
        return False
    words = re.findall(r"[A-Z]?[a-z]{4,}", value)
    return sum(map(len, words)) * 3 < len(value)
