"""One file's content: decoded, unpacked, and read by the reader of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from grader.deadline.ending import going_on
from grader.inspect.secrets import lines, phrases, styles
from grader.inspect.secrets.archives import MAX_DEPTH, Budget, is_archive, is_package, unpack
from grader.inspect.secrets.betterleaks import FIREBASE, service_tokens
from grader.inspect.secrets.comments import comments_of, toned_down
from grader.inspect.secrets.decode import base64_texts, lowered, packed, text_of
from grader.inspect.secrets.dockerfile import read_dockerfile
from grader.inspect.secrets.drawn import drawn_texts
from grader.inspect.secrets.dsns import dsns
from grader.inspect.secrets.envfile import read_env
from grader.inspect.secrets.file_roles import FileRole, is_known, is_locale, kind_of, place_of
from grader.inspect.secrets.finding import Hit, Note, Severity, Skipped, Wanted, strongest
from grader.inspect.secrets.foreign_calls import foreign_calls
from grader.inspect.secrets.notebook import read_notebook
from grader.inspect.secrets.placing import placed
from grader.inspect.secrets.pyrepair import repaired
from grader.inspect.secrets.python import read_python
from grader.inspect.secrets.tokens import find_jwts, known_forms
from grader.inspect.secrets.wholefile import whole_file
from grader.inspect.secrets.yamlfile import read_json, read_yaml

LONG_LINE = 5000
"""Characters of a line from which on nobody wrote it: minified code."""
SIGNS = (
    "pass", "pwd", "secret", "token", "key", "cred", "salt", "psw", "pw", "://", "auth",
    "identified", "connect", "jwt", "serializer", "signer", "hmac", "fernet", "login", "users",
    "accounts", "bearer", "basic ", "mysql", "mariadb", ".env", "client(", "curl", "url.create",
    "cipher",
)  # fmt: skip
"""Text without any of these gives no name a secret."""
STYLES = {"config": styles.CONFIG, "shell": styles.SHELL, "json": styles.JSON, "xml": styles.MARKUP,
          "docs": styles.DOCS, "message": styles.SHELL}  # fmt: skip

CLOSED = frozenset({"a 7z archive", "a RAR archive", "packed by zstd"})
"""What holds other files, and is not unpacked."""

Found = tuple[str, Hit] | Skipped | Wanted


def examine(path: str, raw: bytes, budget: Budget, depth: int = 0) -> Iterator[Found]:
    """Yield the hits in one file, each with its path (within archives), and what was skipped."""
    if is_archive(raw):
        if is_package(path, raw):
            yield Skipped(path=path, reason="it is a package or a document, which others made")
            return
        if depth >= MAX_DEPTH:
            reason = f"archives are nested more than {MAX_DEPTH} deep"
            yield Skipped(path=path, reason=reason, unread=True)
            return
        for part in unpack(path, raw, budget):
            budget.scan.require_time()
            going_on()
            if isinstance(part, Skipped):
                yield part
            else:
                yield from examine(part[0], part[1], budget, depth + 1)
        return
    text = text_of(raw)
    if text is None:
        yield from _binary(path, raw)
        return
    if lines.is_crowded(text):
        reason = f"only the first {lines.MAX_SPOTS} words like `key` count"
        yield Skipped(path=path, reason=reason, unread=True)
    wants: list[Note] = []
    for hit in hits_in(path, text, wants):
        yield path, hit
    yield from (replace(one, path=path) for one in wants)


def _binary(path: str, raw: bytes) -> Iterator[Found]:
    """Yield what can be said of bytes that are no text."""
    if what := packed(raw):
        yield Skipped(path=path, reason=f"it is {what}", unread=what in CLOSED)
        return
    yield Skipped(path=path, reason="it is binary; only keys, tokens and URLs were looked for")
    text = raw.decode("latin-1")
    found = list(known_forms(text, 0))
    found += [hit for _, hit in phrases.urls(text, FileRole.RUNS) if hit.value.isprintable()]
    for hit in strongest(found):
        yield path, hit


def hits_in(path: str, text: str, wants: list[Note] | None = None) -> list[Hit]:
    """Return the hits in the text of the file at `path`.

    What it uses of other files as a secret is appended to `wants`.
    """
    kind, place = kind_of(path), place_of(path)
    found = list(known_forms(text))
    if (alone := whole_file(path, text, place)) is not None:
        found.append(alone)
    found += _encoded(text, place)
    minified = kind in {"code", "json"} and _is_minified(text)
    lower = lowered(text)
    if any(sign in lower for sign in SIGNS):
        if kind == "inert" or minified or is_locale(path):
            found += placed(text, phrases.urls(text, place if minified else FileRole.DOCS))
        else:
            found += _read(path, text, lower, wants)
    if (place is FileRole.RUNS or place is FileRole.EXAMPLE) and kind != "docs":
        found += _web_tokens(text)
    if kind != "inert":
        found += service_tokens(text)
        if place is FileRole.RUNS and kind != "docs" and not minified:
            found += drawn_texts(text)
    if "AIza" in text and FIREBASE.search(text):
        found = [hit for hit in found if not GOOGLE_KEY.fullmatch(hit.value)]
    return strongest(found)


GOOGLE_KEY = re.compile(r"AIza[\w-]{35}")
"""What a Firebase app shows to every visitor of its page."""


def _web_tokens(text: str) -> list[Hit]:
    name, rule = "a signed web token (JWT)", "code.literal"
    return [
        Hit(rule=rule, severity=Severity.DEFAULT, name=name, value=token, line=_line(text, at))
        for at, token in find_jwts(text)
    ]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _is_minified(text: str) -> bool:
    return len(text) > LONG_LINE and len(text) > 500 * (text.count("\n") + 1)


def _read(path: str, text: str, lower: str, wants: list[Note] | None) -> list[Hit]:
    """Return what the reader of the file's kind finds; the reader of any text where it cannot."""
    kind, place = kind_of(path), place_of(path)
    if kind == "yaml":
        return [*read_yaml(text, path, place, wants), *comments_of(text, place, wants, SIGNS)]
    if kind == "sql":
        return [
            *placed(text, phrases.sql(text, place, lower)),
            *placed(text, phrases.urls(text, place)),
            *placed(text, lines.assignments(text, place, styles.CODE, lower)),
        ]
    hits = _by_kind(kind, text, place, wants)
    if hits is None and kind == "python" and (module := repaired(text)):
        hits = read_python(module.text, place, wants) or []
        hits += _as_text(path, module.removed, lowered(module.removed))
    return _as_text(path, text, lower) if hits is None else hits


def _by_kind(kind: str, text: str, place: FileRole, wants: list[Note] | None) -> list[Hit] | None:
    match kind:
        case "python":
            return read_python(text, place, wants)
        case "notebook":
            return read_notebook(text, place)
        case "json":
            return read_json(text, place)
        case "env":
            return list(read_env(text, place))
        case "dockerfile":
            return [*read_dockerfile(text, place), *comments_of(text, place, wants, SIGNS)]
    return None


def _as_text(path: str, text: str, lower: str) -> list[Hit]:
    """Return what stands in a text of whatever kind, line by line."""
    kind, place = kind_of(path), place_of(path)
    style = STYLES.get(kind, styles.CODE if is_known(path) else styles.PLAIN)
    found = placed(text, lines.assignments(text, place, style, lower))
    for read in (phrases.urls, phrases.queries, dsns, phrases.commands):
        found += placed(text, toned_down(read(text, place), text, kind))
    if style.rule == "code.literal":
        found += placed(text, foreign_calls(text, place, lower))
    found += placed(text, phrases.sql(text, place, lower))
    if kind == "shell":
        found += _defaults(text, place)
    if kind == "message":  # prose, alongside what was copied from a shell
        found += placed(text, lines.assignments(text, FileRole.DOCS, styles.DOCS, lower))
    return found


DEFAULT = re.compile(r"\$\{(\w{1,80}):?[-=]([^}$\n]{1,200})\}")


def _defaults(text: str, place: FileRole) -> list[Hit]:
    """`${DB_PASSWORD:-literal}` in a script."""
    hits = []
    for found in DEFAULT.finditer(text):
        line = f"{found[1]}={found[2]}"
        for _, hit in lines.assignments(line, place, styles.SHELL):
            number = _line(text, found.start())
            hits.append(replace(hit, rule="env.fallback", line=number))
    return hits


def _encoded(text: str, place: FileRole) -> list[Hit]:
    """Return what stands in base64: keys, tokens, URLs, and assignments that are surely meant."""
    hits: list[Hit] = []
    for at, inner in base64_texts(text):
        line = _line(text, at)
        hits += known_forms(inner, line)
        found = [*phrases.urls(inner, place)]
        if place is FileRole.RUNS:
            found += lines.assignments(inner, FileRole.DOCS, styles.CONFIG)
        hits += [replace(hit, line=line) for _, hit in found]
    return hits
