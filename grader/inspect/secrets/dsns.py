"""Passwords in connection strings: of ODBC and .NET, of libpq, and of Go's driver for MySQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.names import Sureness
from grader.inspect.secrets.values import UNKNOWN, judge

DSN = re.compile(
    r"(?i)(?:^|[;\"'\s])(?:password|pwd)\s{0,3}=\s{0,3}(?P<value>[^;\"'\s]{1,200})(?=;|[\"']|\s|$)"
)
DSN_SIGN = re.compile(
    r"(?i)(?:server|data source|host|database|initial catalog|user id|uid|dsn"
    r"|driver)\s{0,3}=[^;\n]{1,200};"
)
LIBPQ = re.compile(r"(?:^|[\"'` ])password=(?P<value>[^\s\"'`;&]{1,200})(?=[\s\"'`]|$)")
LIBPQ_SIGN = re.compile(r"(?:^|[\"'` ])(?:dbname|host)=[^\s;&]")
GO = re.compile(r"(?:^|[\s\"'`=(])[\w.-]{1,80}:(?P<value>[^\s\"'`@/]{1,200})@(?:tcp|unix)\(")
COMPUTED = (UNKNOWN, "{", "$", "<", "%")
"""What a value has that is filled in later."""


def dsns(text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """`Server=…;Password=…;` and its like: where each stands, and the hit (its line is 0)."""
    if ";" in text and "=" in text:
        yield from _found(DSN, DSN_SIGN, text, place)
    if "password=" in text and ("dbname=" in text or "host=" in text):
        yield from _found(LIBPQ, LIBPQ_SIGN, text, place)
    if "@tcp(" in text or "@unix(" in text:
        yield from _found(GO, GO, text, place)


def _found(
    pattern: re.Pattern[str], sign: re.Pattern[str], text: str, place: FileRole
) -> Iterator[tuple[int, Hit]]:
    for found in pattern.finditer(text):
        begin = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.end())
        line = text[begin : end if end >= 0 else len(text)]
        value = found["value"]
        severity = judge(value, place, Sureness.SURE) if sign.search(line) else None
        if severity and not any(one in value for one in COMPUTED):
            name = "the password in a connection string"
            yield (
                found.start("value"),
                Hit(rule="url.password", severity=severity, line=0, name=name, value=value),
            )
