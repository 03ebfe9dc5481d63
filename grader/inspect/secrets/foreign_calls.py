"""Secrets by their place in calls of PHP, Java, Go, JavaScript and C#: positions, not names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.names import Sureness
from grader.inspect.secrets.values import judge, looks_live

ARGUMENT = r"(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^,()\"'\n]{1,80})"
VALUE = r"(?P<mark>[\"'`])(?P<value>[^\"'`\n$]{1,200})(?P=mark)"
FORMS = (
    (
        ("pdo(", "mysqli", "mysql_connect(", "getconnection("),
        re.compile(
            r"(?:\bnew\s{1,4}(?:PDO|mysqli)|\bmysqli_connect|\bmysql_connect|\bgetConnection)\s{0,4}\(\s{0,20}"
            + ARGUMENT + r",\s{0,20}" + ARGUMENT + r",\s{0,20}" + VALUE
        ),
        "database.password",
        "the third argument",
    ),
    (
        ("jwt.sign(", "jwt.verify("),
        re.compile(
            r"\bjwt\.(?:sign|verify)\([^;\n]{0,200}?[\w})\]],\s{0,20}" + VALUE + r"\s{0,20}[,)]"
        ),
        "code.literal",
        "JWT key",
    ),
    (
        ("createhmac(",),
        re.compile(r"\bcreateHmac\(\s{0,9}[\"'`][\w-]{2,20}[\"'`],\s{0,20}" + VALUE),
        "code.literal",
        "HMAC key",
    ),
    (
        ("session(", "session::cookie", "cookieparser(", "cookiesession("),
        re.compile(
            r"\b(?:cookieParser\(\s{0,9}"
            r"|(?:[sS]ession|cookieSession|Session::Cookie)\b[^;)]{0,200}?\bsecret\s{0,4}:\s{0,4}\[?\s{0,4})"
            + VALUE
        ),
        "code.literal",
        "the key of sessions",
    ),
    (
        ("newcookiestore(",),
        re.compile(r"\bNewCookieStore\(\s{0,4}\[\]byte\(\s{0,4}" + VALUE),
        "code.literal",
        "the key of sessions",
    ),
)  # fmt: skip
"""What tells each call in small letters, its pattern, its rule, and what to call the value."""
MAX_CHARACTERS = 1024 * 1024


def foreign_calls(text: str, place: FileRole, lower: str) -> Iterator[tuple[int, Hit]]:
    """Yield what calls in other languages than Python take: where each stands, and the hit."""
    if len(text) > MAX_CHARACTERS:
        return
    for signs, pattern, rule, name in FORMS:
        if not any(sign in lower for sign in signs):
            continue
        for found in pattern.finditer(text):
            value = found["value"]
            severity = judge(value, place, Sureness.SURE, references=False)
            if severity is None or (place is not FileRole.RUNS and not looks_live(value)):
                continue
            yield found.start("value"), _hit(rule, severity, name, value, place)


def _hit(rule: str, severity: Severity, name: str, value: str, place: FileRole) -> Hit:
    sure = place is FileRole.RUNS
    return Hit(rule=rule, severity=severity, line=0, name=name, value=value, sure=sure)
