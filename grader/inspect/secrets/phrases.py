"""Secrets in phrases that any kind of text can hold: URLs, SQL, and commands of a shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from grader.inspect.secrets.decode import base64_texts, lowered
from grader.inspect.secrets.dsns import dsns
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.names import Sureness, names_itself, sureness
from grader.inspect.secrets.values import UNKNOWN, is_uuid, judge, looks_random, tells_weak

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,29}$")
LOGIN = re.compile(
    r"(?P<user>[^\s:/@\"'<>`,;|\\]{0,80}):(?P<password>[^\s/\"'`\\]{1,200})@(?P<host>[^\s/\"'<>:?@]{1,120})"
)
BARE = re.compile(
    r"(?P<password>[A-Za-z0-9_-]{20,200})(?::x-oauth-basic)?@(?:github|gitlab|bitbucket)\."
)
SHOWN = re.compile(
    r"(?:db_?)?user(?:name)?:pass(?:word)?@(?:localhost|host(?:name)?)(?::port|:\d+)?/(?:dbname|db_name|database)"
)
"""An address as documents show it."""
NO_LOGIN = frozenset({"driver", "scheme", "dialect", "protocol"})
"""`driver://user:pass@localhost/dbname` stands in every new alembic.ini."""
QUOTED = r"(?:'(?P<single>(?:[^'\\\n]|\\.|''){1,200})'|\"(?P<double>(?:[^\"\\\n]|\\.){1,200})\")"
SQL = (
    re.compile(
        r"\bIDENTIFIED\s{1,20}(?:WITH\s{1,20}[`'\"]?\w{1,60}[`'\"]?\s{1,20})?BY\s{1,20}" + QUOTED,
        re.IGNORECASE,
    ),
    re.compile(
        r"\bSET\s{1,20}PASSWORD\s{0,20}(?:FOR\s{1,20}[^\s=]{1,120}\s{0,20})?=\s{0,20}"
        r"(?:PASSWORD\s{0,9}\(\s{0,9})?" + QUOTED,
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:USER|ROLE)\s{1,20}\S{1,80}\s{1,20}(?:WITH\s{1,20})?(?:\w{1,20}\s{1,20}){0,3}"
        r"PASSWORD\s{1,20}" + QUOTED,
        re.IGNORECASE,
    ),
)
VARIABLE = re.compile(
    r"\bSET\s{1,20}@\w{0,40}(?:pass|pwd|secret)\w{0,20}\s{0,9}:?=[^;\n]{0,200}?'(?P<single>[^'{}\n]{3,100})'(?P<double>)\)*\s{0,9};",
    re.IGNORECASE,
)
TABLE = re.compile(
    r"\bCREATE\s{1,20}TABLE\s{1,20}(?:IF\s{1,20}NOT\s{1,20}EXISTS\s{1,20})?(?P<name>[\w.`\"]{1,80})\s{0,20}\((?P<columns>[^;]{1,8000})",
    re.IGNORECASE,
)
COLUMN = re.compile(r"(?:^|,)\s*[`\"]?(?P<name>\w{1,64})[`\"]?\s+[A-Za-z]")
WHOLE = re.compile(
    r"\bINSERT\s{1,20}(?:IGNORE\s{1,20})?INTO\s{1,20}(?P<name>[\w.`\"]{1,80})\s{1,20}VALUES\s{0,20}(?P<rows>[^;]{1,4000})",
    re.IGNORECASE,
)
PIECE = re.compile(r"[\"']|\$[\w{]|^\s*[,+.|]|\\\\")
"""What shows that the statement is put together of pieces here."""
TELLING = tuple(
    re.compile(sign)
    for sign in (r"identified", r"set\s{1,20}password", r"password\s{1,20}[\"']", r"set\s{1,20}@")
)
"""What a text in small letters has where `SQL` and `VARIABLE` can match, in their order."""
INSERT = re.compile(
    r"\bINSERT\s{1,20}(?:IGNORE\s{1,20})?INTO\s{1,20}[\w.`\"]{1,80}\s{0,20}\((?P<columns>[^()]{1,800})\)"
    r"\s{0,20}VALUES\s{0,20}(?P<rows>[^;]{1,4000})",
    re.IGNORECASE,
)
ROW = re.compile(r"\(([^()]{1,800})\)")
CELL = re.compile(r"\s*+(?:'((?:[^'\\]|\\.|'')*+)'|\"((?:[^\"\\]|\\.)*+)\"|([^,'\"]*))\s*(?:,|$)")
CLIENTS = r"\b(?:mysql|mysqladmin|mysqldump|mysqlimport|mysqlshow|mysqlcheck|mariadb(?:-\w{1,20})?)"
VALUE = r"(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|([^\s\"';|&)\]]{1,200}))"
COMMANDS = (
    re.compile(CLIENTS + r"[ \t](?:[^\n;|&]{0,200}?[ \t])??-p" + VALUE),
    re.compile(
        r"(?i:-{1,2}(?:[a-z]{1,20}-){0,2}[a-z]{0,5}(?:password|passwd|passphrase|secret|requirepass|masterauth))(?:="
        r"|[ \t]{1,4})"
        r"(?!-|https?:)" + VALUE
    ),
    re.compile(
        r"\bmachine[ \t]{1,4}\S{1,200}\s{1,4}login[ \t]{1,4}\S{1,100}\s{1,4}"
        r"password[ \t]{1,4}" + VALUE
    ),
    re.compile(
        r"(?:-H|--header)[ \t=]{1,4}[\"'](?i:[\w-]{0,30}(?:key|token|secret)):[ \t]{0,4}"
        r"()()([^\s\"'$<{]{8,200})[\"']"
    ),
    re.compile(r"(?m)^[ \t]{0,8}(?:requirepass|masterauth)[ \t]{1,8}" + VALUE),
    re.compile(r"\bsshpass[ \t]{1,4}-p[ \t]{0,4}" + VALUE),
    re.compile(
        r"\bdocker[ \t]{1,4}login\b[^\n;|&]{0,200}?[ \t](?:-p|--password)[ \t=]{1,4}" + VALUE
    ),
    re.compile(
        r"(?:\bcurl\b[^\n;|]{0,300}?[ \t](?:-u|--user)"
        r"|--proxy-user)[ \t]{1,4}[\"']?[^\s:\"']{1,80}:"
        r"()()([^\s\"']{1,200})"
    ),
    re.compile(
        r"\becho[ \t]{1,4}(?:-n[ \t]{1,4})?" + VALUE + r"[ \t]{0,4}\|[ \t]{0,4}"
        r"(?:docker[ \t]{1,4}login|sudo[ \t]{1,4}-S)"
    ),
)
HEADER = re.compile(r"(Bearer|Basic|Token|token)[ \t]{1,4}([A-Za-z0-9+/=._-]{12,2000})")
"""Without a boundary at its beginning, which would keep the search from its letters."""
WORD = re.compile(r"\w")
QUERY = re.compile(r"[?&](?:amp;)?(?P<name>[\w.-]{1,40})=(?P<value>[^\s&\"'<>`;|\\)]{3,300})")
EXAMPLE = re.compile(r"(?i)\b(?:example|usage|e\.g\.|for instance)[^\n]{0,3}[:,. ]")
MAX_SEEDED = 50
"""Rows of one text that are told: made-up data has thousands, which hide all else."""
MAX_COMMANDS = 1024 * 1024
COMMAND_SIGNS = (
    " -H ", "requirepass", "masterauth", "mysql", "mariadb", "--", "sshpass", "machine", "docker",
    "curl", "echo",
)  # fmt: skip


Reader = Callable[[str, FileRole], Iterator[tuple[int, Hit]]]


def readers(text: str) -> list[Reader]:
    """Those of the readers below that can find something in a part of `text`."""
    lower = text.lower()
    signs: tuple[tuple[Reader, tuple[str, ...]], ...] = (
        (urls, ("://",)),
        (queries, ("?", "&")),
        (dsns, (";", "password=", "@tcp(", "@unix(")),
        (sql, ("identified", "password", "set @", "insert")),
        (commands, (*COMMAND_SIGNS, "authorization:", "bearer ", "basic ", "token ")),
    )
    return [read for read, known in signs if any(sign in lower for sign in known)]


def urls(text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """Passwords in URLs: where each stands in `text`, and the hit (its line is 0)."""
    at = text.find("://")
    while at >= 0:
        scheme = SCHEME.search(text, max(0, at - 30), at)
        found = LOGIN.match(text, at + 3) or BARE.match(text, at + 3)
        known = scheme and scheme[0].lower() not in NO_LOGIN
        if scheme and found and known and not SHOWN.match(text, at + 3):
            hit = _of_url(scheme[0].lower(), found, place)
            if hit and not (hit.severity is Severity.WEAK and _is_shown(text, at)):
                yield at, hit
        at = text.find("://", at + 3)


def _of_url(scheme: str, found: re.Match[str], place: FileRole) -> Hit | None:
    password = found["password"]
    if found.re is LOGIN and "@" in password and scheme.startswith("http"):
        return None  # a path with an at sign rather than a password
    if re.match(r"\d{1,5}(?:[/?]|$)", password) and scheme.startswith(("http", "ws")):
        return None  # a port
    if any(sign in password for sign in (UNKNOWN, "${", "{", "%(", "$(", "<", "&lt;")):
        return None
    severity = judge(password, place, Sureness.SURE)
    if place is FileRole.TEST and not looks_random(password):
        return None
    if severity is None or (found.re is BARE and not looks_random(password)):
        return None
    return _hit("url.password", severity, f"the password in a {scheme}:// URL", password)


def queries(text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """Keys and passwords in the query of a URL: where each stands, and the hit (its line is 0)."""
    if "=" not in text or ("?" not in text and "&" not in text):
        return
    for found in QUERY.finditer(text):
        name, value = found["name"], found["value"]
        sure = sureness(name)
        telling = sure is Sureness.SURE and ("pass" in name.lower() or "pwd" in name.lower())
        if sure is Sureness.NO or any(
            sign in value for sign in (UNKNOWN, "${", "{", "%(", "$", "<", "%s")
        ):
            continue
        drawn = looks_random(value) or is_uuid(value)
        severity = judge(value, place, Sureness.SURE) if telling or drawn else None
        if severity and not names_itself(name, value):
            yield (
                found.start(),
                replace(
                    _hit("url.password", severity, f"{name} in a URL", value),
                    sure=place is not FileRole.TEST,
                ),
            )


def sql(text: str, place: FileRole, lower: str | None = None) -> Iterator[tuple[int, Hit]]:
    """Passwords in SQL statements: where each stands, and the hit (its line is 0)."""
    lower = lowered(text) if lower is None else lower
    for telling, pattern in zip(TELLING, (*SQL, VARIABLE), strict=True):
        for found in pattern.finditer(text) if telling.search(lower) else ():
            value = found["single"] or found["double"] or ""
            hit = _given("sql.password", "IDENTIFIED BY", value, place)
            if hit and not PIECE.search(value):
                yield found.start(), hit
    if "insert" in lower and "pass" in lower:
        yield from islice(_inserted(text, place), MAX_SEEDED)


def _inserted(text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """Passwords in plain text that an INSERT puts into a table, with its columns or without."""
    for found in INSERT.finditer(text):
        columns = [name.strip(" `\"'\n\r\t[]").lower() for name in found["columns"].split(",")]
        yield from _rows(found, columns, place)
    tables = {}
    for found in TABLE.finditer(text):
        inner = re.sub(r"\([^()]*\)", "", found["columns"])
        names = [column["name"].lower() for column in COLUMN.finditer(inner)]
        tables[_bare(found["name"])] = names
    for found in WHOLE.finditer(text) if tables else ():
        yield from _rows(found, tables.get(_bare(found["name"]), []), place)


def _bare(name: str) -> str:
    return name.strip('`"').rpartition(".")[2].strip('`"').lower()


def _rows(found: re.Match[str], columns: list[str], place: FileRole) -> Iterator[tuple[int, Hit]]:
    spots = [at for at, name in enumerate(columns) if name in PLAIN_COLUMNS]
    for row in ROW.finditer(found["rows"]) if spots else ():
        cells = [one or two or "" for one, two, _ in CELL.findall(row[1])]
        for spot in spots:
            value = cells[spot] if spot < len(cells) else ""
            severity = judge(value, place, Sureness.SURE)
            if severity and not _is_digest(value):
                start = found.start("rows") + row.start()
                yield start, _hit("sql.seeded", severity, f"the column {columns[spot]}", value)


PLAIN_COLUMNS = frozenset(
    {"password", "passwd", "pass", "pwd", "passwort", "user_password", "contrasena", "senha"}
)


def _is_digest(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}", value))


def commands(text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """Passwords given to programs on their command line: where each stands, and the hit."""
    if len(text) > MAX_COMMANDS:
        return
    if any(sign in text for sign in COMMAND_SIGNS):
        for pattern in COMMANDS:
            for found in pattern.finditer(text):
                value = found[1] or found[2] or found[3] or ""
                program = found[0].split(maxsplit=1)[0].strip("-:").partition("=")[0]
                hit = _given("shell.password", f"the argument of {program}", value, place)
                if hit and "$" not in value and not _is_shown(text, found.start()):
                    yield found.start(found.lastindex or 0), hit
    yield from _headers(text, place)


def _given(rule: str, name: str, value: str, place: FileRole) -> Hit | None:
    """Return the hit for what a command or a statement is given; in documents a weak one too."""
    severity = judge(value.replace("$$", "$"), place, Sureness.SURE)
    if severity:
        return _hit(rule, severity, name, value)
    if place is FileRole.DOCS and tells_weak(value):
        return replace(_hit(rule, Severity.WEAK, name, value), sure=False)
    return None


def _is_shown(text: str, at: int) -> bool:
    """Return whether a help text shows how to call a program: `Example: users add --password x`."""
    begin = text.rfind("\n", max(0, at - 300), at) + 1
    return bool(EXAMPLE.search(text, begin, at))


def _headers(text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """Credentials in `Authorization: Bearer …` and `Basic …`."""
    for found in HEADER.finditer(text):
        if WORD.match(text[found.start() - 1 : found.start()]):
            continue
        scheme, value = found.groups()
        if scheme == "Basic":
            inner = next((inner for _, inner in base64_texts(value, short=True)), "")
            password = inner.partition(":")[2]
            severity = judge(password, place, Sureness.SURE) if password else None
        else:
            severity = judge(value, place, Sureness.SURE) if looks_random(value) else None
        if severity:
            hit = _hit("code.literal", severity, f"{scheme} in a header", value)
            ended = place is FileRole.DOCS and value.startswith("eyJ")  # tokens of a session do
            yield found.start(), replace(hit, sure=not ended)


ALL: tuple[Reader, ...] = (urls, queries, dsns, sql, commands)


def _hit(rule: str, severity: Severity, name: str, value: str) -> Hit:
    return Hit(rule=rule, severity=severity, line=0, name=name, value=value)
