"""Packages that could not be built: whether another version of Python would not have had to."""

from __future__ import annotations

import re

FAILED_WHEEL = re.compile(
    r"(?:metadata-generation-failed|subprocess-exited-with-error|legacy-install-failure|"
    r"failed-wheel-build-for-install)|Failed (?:building wheel|to build)|Could not build wheels|"
    r"(?:build_wheel|egg_info|setup\.py install[^\n]{0,100}|to build wheel) "
    r"did not run successfully|"
    r"Command errored out with exit status \d+: python setup\.py|"
    r"ChefBuildError|subprocess exited when trying to invoke|build backend returned an error"
)
"""What pip, uv and Poetry say of a package that they cannot build, for many reasons."""
NAMED = re.compile(
    r"(?:Failed (?:building wheel|to build)(?: for)?:? [`']?|Could not build wheels for |"
    r"based projects \(|^[ \t]{0,20}\u2570\u2500> (?!See\b))([A-Za-z][\w.-]*)",
    re.MULTILINE,
)
"""How they name it."""
COLLECTED = re.compile(r"^[ \t]{0,20}Collecting ([A-Za-z][\w.-]*)", re.MULTILINE)
"""What pip was at: the last one is it where none is named."""
WHEELED = frozenset({
    "aiohttp", "argon2-cffi-bindings", "bcrypt", "cffi", "cryptography", "frozenlist", "gevent",
    "greenlet", "grpcio", "httptools", "kiwisolver", "lxml", "matplotlib", "multidict", "numpy",
    "orjson", "pandas", "pillow", "psycopg2-binary", "pydantic-core", "pynacl", "pyyaml", "regex",
    "scikit-learn", "scipy", "tokenizers", "typed-ast", "ujson", "uvloop", "wrapt", "yarl",
    "zope.interface",
})  # fmt: skip
"""Packages that PyPI has wheels of: one that is built all the same has none for this Python."""
SOURCES = frozenset({"mysqlclient", "mysql-python", "uwsgi", "psycopg2", "python-ldap", "pycairo"})
"""Packages that are built with every Python."""
BY_ITSELF = re.compile(
    r"use_2to3 is invalid|Missing parentheses in call to 'print'|No module named 'ConfigParser'|"
    r"No module named '(?:Cython|numpy|pip|flask|wheel|pybind11|requests|six)'"
)
"""What shows that a package is for no Python 3, or not built without another package."""
LACKS_TOOLS = re.compile(
    r"Can not find valid pkg-config name|pkg-config: (?:command )?not found|"
    r"(?:mysql_config|pg_config)[^\n]{0,40} not found|"
    r"command '[^'\n]{0,80}' failed: No such file|unable to execute '[^'\n]{0,80}'|"
    r"fatal error: (?!(?:internal/|cpython/)|(?:longintrepr|code|frameobject|structmember|"
    r"pystate|node|graminit|symtable|asdl|ast|parsetok)\.h)[^\n:]{1,80}\.h: No such file"
)
"""What is missing in the image whichever Python it has: a compiler, headers, pkg-config.

Not headers that a newer Python has moved or dropped: that is the other version's doing.
"""


def unbuilt_by_version(said: str) -> bool | None:
    """Return whether `said` tells of a package that another Python need not have built.

    False where that may be; None where no package failed, or would with each Python.
    """
    if not FAILED_WHEEL.search(said) or BY_ITSELF.search(said):
        return None
    lacks = bool(LACKS_TOOLS.search(said))
    named = NAMED.findall(said) or COLLECTED.findall(said)[-1:]
    failed = {one.lower().rstrip(".") for one in named}
    if failed & WHEELED:
        return True
    if lacks and failed & SOURCES:
        return None
    return not lacks
