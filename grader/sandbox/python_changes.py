"""What Python prints where a version has removed, or not yet brought, what a program uses."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping

Version = tuple[int, ...]

GONE: Mapping[Version, tuple[str, ...]] = {
    (3, 7): (r"SyntaxError:[^\n]{0,200}\b(?:async|await)\b",),
    (3, 8): (
        r"module 'time' has no attribute 'clock'",
        r"module 'cgi' has no attribute 'escape'",
        r"module 'platform' has no attribute '(?:linux_distribution|dist)'",
        r"No module named 'macpath'",
        r"code\(\) takes|required positional argument: 'code'",
    ),
    (3, 9): (
        r"cannot import name 'gcd' from 'fractions'|module 'fractions' has no attribute 'gcd'",
        r"module 'base64' has no attribute '(?:en|de)codestring'",
        r"'Thread' object has no attribute 'isAlive'|'HTMLParser' object has no attribute 'unesc",
        r"'array\.array' object has no attribute '(?:to|from)string'",
        r"No module named '_?dummy_threading'",
    ),
    (3, 10): (
        r"cannot import name '\w+' from 'collections'|module 'collections' has no attribute",
        r"unexpected keyword argument 'loop'",
        r"No module named '(?:formatter|parser|symbol|_bootlocale)'",
    ),
    (3, 11): (
        r"cannot import name '(?:getargspec|formatargspec)' from 'inspect'",
        r"module 'inspect' has no attribute '(?:getargspec|formatargspec)'",
        r"cannot import name 'coroutine' from 'asyncio'|'asyncio' has no attribute 'coroutine'",
        r"No module named 'binhex'|module 'gettext' has no attribute",
        r"code\(\) argument|code expected at least|mutable default <class",
        r"longintrepr\.h|_PyErr_StackItem|PyFrameObject|struct _frame|PyCode_New",
    ),
    (3, 12): (
        r"No module named '(?:distutils|imp|asynchat|asyncore|smtpd|setuptools|pkg_resources)[.']",
        r"no (?:attribute ')?ImpImporter",
        r"module 'configparser' has no attribute 'SafeConfigParser'",
        r"module 'ssl' has no attribute '(?:wrap_socket|match_hostname)'",
        r"ob_digit|tstate->",
    ),
    (3, 13): (
        r"No module named '(?:cgi|cgitb|crypt|telnetlib|pipes|nntplib|imghdr|sndhdr|uu|xdrlib)[.']",
        r"No module named '(?:py)?audioop'|No module named '(?:aifc|chunk|mailcap|nis|spwd|sunau)'",
        r"No module named '(?:lib2to3|typing\.(?:io|re))[.']",
        r"_PyLong_AsByteArray|_PyUnicode_FastCopyCharacters",
        r"OSError: No username set in the environment",
    ),
    (3, 14): (
        r"module 'ast' has no attribute '(?:Num|Str|Bytes|NameConstant)'",
        r"cannot import name 'ByteString' from '(?:typing|collections\.abc)'",
        r"module 'pkgutil' has no attribute '(?:find_loader|get_loader)'",
        r"module 'asyncio' has no attribute '\w*ChildWatcher'",
    ),
}
"""What fails from a version on, as that has removed it (https://docs.python.org/3/whatsnew/)."""
NEW: Mapping[Version, tuple[str, ...]] = {
    (3, 9): (
        r"'type' object is not subscriptable",
        r"No module named '(?:zoneinfo|graphlib)'",
    ),
    (3, 10): (
        r"unsupported operand type\(s\) for \|: '(?:type|NoneType)' and",
        r"cannot import name '(?:ParamSpec|TypeAlias|TypeGuard)' from 'typing'",
    ),
    (3, 11): (
        r"No module named 'tomllib'|cannot import name '(?:StrEnum|ReprEnum)' from 'enum'",
        r"cannot import name '(?:Self|Never|LiteralString|NotRequired|Required)' from 'typing'",
        r"cannot import name 'UTC' from 'datetime'|name 'ExceptionGroup' is not defined",
    ),
    (3, 12): (
        r"f-string: (?:unmatched|expecting '\}')",
        r"cannot import name 'override' from 'typing'",
        r"cannot import name 'batched' from|module 'itertools' has no attribute 'batched'",
    ),
    (3, 13): (
        r"cannot import name '(?:ReadOnly|TypeIs)' from 'typing'",
        r"cannot import name 'deprecated' from 'warnings'|'copy' has no attribute 'replace'",
    ),
    (3, 14): (
        r"multiple exception types must be parenthesized",
        r"No module named '(?:compression|annotationlib|string\.templatelib)[.']",
    ),
}
"""What fails before a version, as that has brought it."""
STANDARD = "|".join(sorted(map(re.escape, sys.stdlib_module_names)))
OF_LIBRARY = re.compile(
    rf"cannot import name '\w+' from '(?:{STANDARD})[.']|"
    rf"module '(?:{STANDARD})(?:\.[\w.]+)?' has no attribute|"
    rf"No module named '(?:{STANDARD})[.']"
)
"""What Python's own library lacks: that may be a matter of its version."""


def changed(wanted: Version, used: Version) -> Iterator[str]:
    """Yield what tells that something works with the Python `wanted` and not with `used`."""
    for version, patterns in GONE.items():
        if wanted < version <= used:
            yield from patterns
    for version, patterns in NEW.items():
        if used < version <= wanted:
            yield from patterns


def is_known(said: str) -> bool:
    """Return whether `said` tells of something whose version is known, whichever that is."""
    known = (one for table in (GONE, NEW) for patterns in table.values() for one in patterns)
    return any(re.search(pattern, said) for pattern in known)


def version_with(said: str) -> str:
    """Return the version, `3.11`, that has brought what `said` tells to be missing; or nothing."""
    for version, patterns in NEW.items():
        if any(re.search(pattern, said) for pattern in patterns):
            return ".".join(map(str, version))
    return ""
