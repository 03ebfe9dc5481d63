"""What value follows a name in a text, and how it is given to it."""

from __future__ import annotations

import re

from grader.inspect.secrets.styles import CODE, DOCS, PLAIN, SHELL, Style
from grader.inspect.secrets.values import looks_random

ASSIGN = re.compile(
    r"(?P<close>\\?[\"'`]?(?:\[\d{0,6}\])?\]?\)?[*_]{0,3})(?:[ \t]{1,4}(?:string|str"
    r"|String))?[ \t]{0,20}"
    r"(?::[ \t]?[A-Za-z][\w\[\], |.]{0,40}=(?!=)|(?P<sign>:{1,3}=|\?=|\+=|\.=|===?|!==?|=>|->"
    r"|[=:]))[ \t]{0,20}"
)
ARGUMENT = re.compile(r"\\?[\"'`],[ \t]{0,9}(?=\\?[\"'`])|\\?[\"'`][ \t]to[ \t](?=[\"'`])")
"""What stands between a quoted name and its value: `put("password", "…")`, `"token" to "…"`."""
PAIRED = re.compile(
    r"[\"'],?\s{0,40}[\"']?(?:value|Value|default)[\"']?\s{0,4}[=:]\s{0,4}(?=[\"'])"
    r"|</(?:key|name|string|entry|param-name|env-entry-name)>"
    r"\s{0,80}<(?:value|string|param-value|env-entry-value)[^>\n]{0,40}>"
    r"|\"\s{0,4}\{[^{}]{0,400}?\bdefault\s{0,20}=\s{0,4}(?=\")"
)
"""What stands between them where both are values: `{"key": "password", "value": "…"}`.

Also the default of a variable of Terraform."""
MARKS = frozenset("\"'`")
PAIRING = frozenset("\"'<")
"""What `PAIRED` begins with."""
FALLBACK = re.compile(
    r"[^\n\"'`;]{0,80}?(?:[\"'][\w.]{1,60}[\"'][^\n\"'`;]{0,60}?)?(?:[\"'][\w.]{1,60}[\"'][^\n\"'`;]{0,20}?)?"
    r"(?:\|\||\?\?|\?:|[\])]\s{0,2}\?|\bor\b|\s:)[ \t]{0,4}(?=[\"'`])"
)
"""What stands before the literal in `process.env.X || "…"` and `x ? x : "…"`."""
INSIDE = re.compile(
    r"(?:[\w.]{0,40}(?:quote_plus|quote|encode|str|bytes|SecretStr|getBytes)\(|\[\]byte\("
    r"|ConvertTo-SecureString\s(?:-String\s)?)"
    r"[\"'](?P<value>[^\"'\n]{1,200})[\"'](?:\)|\s)"
)
"""A literal that a function only writes in another way: `quote_plus("…")`."""
ASKED = re.compile(
    r"\\?[\"'`]?[\])]{0,3}(?:[ \t]{0,4}(?:\|\|=?|\?\?=?|\?:|(?<=[\])])[ \t]or)[ \t]{0,4}"
    r"|\.(?:unwrap_or(?:_else)?|orElse|getOrElse)\([ \t]{0,4}(?:\|\w?\|[ \t]{0,4})?)(?=[\"'`])"
)
"""What stands between a variable that is asked for and what stands in: `ENV["KEY"] || "…"`."""
SPACED = re.compile(r"[\"'`]?[ \t]{1,9}(?=\S)")
"""What stands between them where nothing but a space does: `password "…"`, `set $apikey …;`."""
TOLD = re.compile(
    r"[*_]{0,2}[ \t](?:is[ \t]|ist[ \t])?(?P<mark>`{1,2}|\*\*|\")"
    r"(?P<value>(?=[^\s\d]{0,60}\d)[^\s`*\"<>{}()]{6,60})(?P=mark)"
)
"""What prose tells: `the password **Kestrel7**`."""
QUOTED = re.compile(
    r"(?:[bruf]{0,2}|@)(?:\\?(?P<quote>[\"'`]))(?P<value>(?:\\.|(?!(?P=quote))[^\n\\]){0,600})\\?(?P=quote)"
)
BARE = re.compile(r"[^\s\"'`,;(){}\[\]<>]{1,400}(?=[\s\"',;}\])<]|$)")
XML = re.compile(r">\s{0,40}([^<>\n]{1,200}?)\s{0,40}</")
TEXT = re.compile(r"\s{0,40}([^<>\n]{1,200}?)\s{0,40}</")


def value_after(text: str, start: int, at: int, style: Style) -> tuple[str, str]:
    """Return the value that follows a name, and how it is given; empty where none does."""
    apart = _apart(text, start, at, style)
    if apart is not None:
        return apart
    sign = ASSIGN.match(text, at)
    if sign is None:
        return _spaced(text, start, at, style)
    if sign["sign"] in ({"==", "===", "!=", "!=="} if style.bare else ()):
        return "", ""
    if style.equals and sign["sign"] not in {"=", "?=", ":="}:
        return "", ""
    return _assigned(text, start, sign, style)


def _apart(text: str, start: int, at: int, style: Style) -> tuple[str, str] | None:
    """Return a value that no sign assigns: of an element, a pair, an argument; None if none is."""
    following = text[at : at + 1]
    if following == ">" and style.rule == "config.literal" and (found := XML.match(text, at)):
        return found[1], "bare"
    if style is not SHELL and following in PAIRING and (sign := PAIRED.match(text, at)):
        if found := QUOTED.match(text, sign.end()):
            return found["value"], "fallback" if "{" in sign[0] else "paired"
        found = TEXT.match(text, sign.end())
        return (found[1] if found else ""), "paired"
    if sign := ASKED.match(text, at):
        found = QUOTED.match(text, sign.end())
        return (found["value"] if found else ""), "fallback"
    named = text[start - 1 : start] in MARKS and text[start : start + 1] not in "$."
    if named and (sign := ARGUMENT.match(text, at)):
        found = QUOTED.match(text, sign.end())
        return (found["value"] if found else ""), "argument"
    return None


def _assigned(text: str, start: int, sign: re.Match[str], style: Style) -> tuple[str, str]:
    """Return what stands after the sign of an assignment, and how."""
    if found := QUOTED.match(text, sign.end()):
        following = text[found.end() : found.end() + 2].lstrip()
        filled = found["quote"] == "`" and "${" in found["value"]
        if filled or following[:1] in {"+", "%", ".", "|"} or _is_chosen(text, start):
            return "", ""
        return found["value"], "quoted"
    if found := INSIDE.match(text, sign.end()):
        return found["value"], "quoted"
    if (style is CODE or style is PLAIN) and (fallback := FALLBACK.match(text, sign.end())):
        found = QUOTED.match(text, fallback.end())
        if found:
            return found["value"], "fallback"
    inside = text[start - 1 : start] in {'"', "'"} and sign["sign"] == "=" and not sign["close"]
    if not (style.bare or inside) or (sign["sign"] == "=>" and not style.spaces):
        return "", ""
    if style.equals and sign["sign"] == "=" and text[sign.end() - 1] in " \t":
        return "", ""  # a shell's assignment has no space after its sign
    found = BARE.match(text, sign.end())
    return (found[0], "bare") if found else ("", "")


def _is_chosen(text: str, start: int) -> bool:
    """Return whether what looks like a name is one of two values: `x ? "Password" : "Name"`."""
    return text[start - 1 : start] in MARKS and text[max(0, start - 4) : start - 1].endswith("? ")


def _spaced(text: str, start: int, at: int, style: Style) -> tuple[str, str]:
    """Return a value after nothing but a space, in a statement by itself."""
    if style is DOCS and (found := TOLD.match(text, at)):
        return found["value"], "told"
    if style.equals or not (sign := SPACED.match(text, at)):
        return "", ""
    if found := QUOTED.match(text, sign.end()):
        begin = text.rfind("\n", max(0, start - 200), start) + 1
        ends = text[found.end() : found.end() + 1].strip() == ""
        alone = ends and not text[begin:start].strip(" \t-")
        return (found["value"], "spaced") if alone else ("", "")
    found = BARE.match(text, sign.end())
    if found and looks_random(found[0]) and "://" not in found[0]:
        return found[0].rstrip(";"), "spaced"
    return "", ""
