"""What stands in for another image, told where it may be why something fails.

Whether an image was replaced is a fact of the platform. That a failure comes of it is read from
what the submission asks for and what its tools print: an author could print the same, and gains no
more by it than by naming an image that cannot be had here at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.model import Substitution
from grader.sandbox.images.references import mysql_series, python_version

NO_PLUGIN = re.compile(r"1524 \(HY000\)[^\n]{0,200}Plugin 'mysql_native_password' is not loaded")
NO_DRIVER = re.compile(
    r"'?cryptography'? package is required|Authentication plugin 'caching_sha2_password'|"
    r"Authentication requires secure connection|caching_sha2_password[^\n]{0,80}cannot open shared"
)
OLDER_SQL = re.compile(
    r"1064 \(42000\)[^\n]{0,200}near '(?:IDENTIFIED BY|PASSWORD\s*\(|[^'\n]{0,40}\b"
    r"(?:rank|groups?|system|window|lateral|recursive|rows?|lead|lag|function|empty|except|"
    r"cume_dist|row_number|json_table|of|over)\b)|"
    r"1305 \(42000\)[^\n]{0,200}FUNCTION [\w.`]{0,80}PASSWORD does not exist|"
    r"NO_AUTO_CREATE_USER|1193 \(HY000\)[^\n]{0,200}Unknown system variable",
    re.IGNORECASE,
)
"""SQL of 5.7 that 8.0 refuses (https://dev.mysql.com/doc/refman/8.0/en/mysql-nutshell.html)."""
NEWER_REFUSES = re.compile(
    r"1193 \(HY000\)[^\n]{0,200}Unknown system variable|"
    r"1064 \(42000\)[^\n]{0,200}near '[^'\n]{0,20}\b(?:MASTER|SLAVE)\b", re.IGNORECASE,
)  # fmt: skip
"""SQL of 8.0 that 8.4 refuses (https://dev.mysql.com/doc/refman/8.4/en/mysql-nutshell.html)."""
OLD_PACKAGES = re.compile(
    r"requires a different Python|different python version|"
    r"No matching distribution found for \S+==|satisfies the requirement \S+=="
)
"""What pip says of packages that are too old, or too new, for a Python."""
FAILED_WHEEL = re.compile(
    r"metadata-generation-failed|Failed building wheel|Failed to build|"
    r"subprocess-exited-with-error|Getting requirements to build wheel did not run"
)
"""What it says of one that it cannot build, for which there are many reasons."""
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
OLD_CODE = re.compile(
    r"No module named '(?:distutils|imp|asynchat|asyncore|smtpd|cgi|crypt|telnetlib|pipes|nntplib|"
    r"formatter|parser|symbol|binhex|macpath|dummy_threading)'|"
    r"cannot import name '\w+' from '(?:collections|typing|inspect|asyncio|fractions)'|"
    r"module '(?:collections|inspect|time|asyncio|fractions|gettext|typing|base64|array|"
    r"threading|platform|cgi|html\.parser)' has no attribute|"
    r"required positional argument: 'code'|code\(\) (?:takes|argument)|"
    r"SyntaxError:[^\n]{0,200}(?:async|await)|got an unexpected keyword argument 'loop'"
)
"""What old packages and old code say under a Python that no longer has what they use."""

CODE = re.compile(r"ERROR (\d{4}) \(|\((\d{4}), |\b(\d{4}) \(\w{5}\)|\(error (\d{4})\)")
"""An error of MySQL's, as the client, drivers and our own sentences write it."""
ANY_VERSION = frozenset({
    1007, 1008, 1040, 1044, 1045, 1046, 1048, 1049, 1050, 1051, 1054, 1060, 1061, 1062, 1091, 1130,
    1136, 1146, 1217, 1364, 1406, 1451, 1452, 2002, 2003, 2005, 2006, 2013, 2055,
})  # fmt: skip
"""Errors that mean the same under each version: names, rows, rights and connections."""
OF_PYTHON = re.compile(r"Traceback \(most recent|\bpip\b|Error\b|python", re.IGNORECASE)
"""What shows that a failure has to do with Python at all."""
USED = re.compile(r"\b(\d{1,3}\.\d{1,3})(?:\.\d{1,3})?\)?$")
"""The version at the end of what was used, `Python 3.11 of Debian bookworm (3.11.2)`."""


@dataclass(frozen=True, kw_only=True)
class VersionDifference:
    """Another version than the one that was asked for."""

    said: str
    """A sentence that names both."""
    cause: bool
    """Whether it is why something failed."""

    @property
    def ungradable(self) -> str:
        """Why there is no score, and what to do."""
        return (
            f"{self.said} The submission fails on that difference. Connect to a registry, or bring "
            "the image with `docker load`, and grade again."
        )


def mysql_difference(swap: Substitution, said: str, *, native: bool) -> VersionDifference | None:
    """Judge what MySQL or the app `said` where another one stands in; None: it does not matter.

    `native` tells whether the submission has the server enable mysql_native_password by an option.
    """
    series = mysql_series(swap.wanted)
    numbers = tuple(map(int, re.findall(r"\d+", series)))
    told = _told(swap)
    codes = {int(code) for found in CODE.finditer(said) for code in found.groups() if code}
    matters = bool(codes - ANY_VERSION)
    if not numbers:
        return VersionDifference(said=told, cause=False) if matters else None
    has_plugin = numbers < (8, 4) or (native and numbers < (9, 0))
    uses_plugin = numbers < (8, 0) or (native and has_plugin)
    cause = bool(
        (has_plugin and NO_PLUGIN.search(said))
        or (uses_plugin and NO_DRIVER.search(said))
        or (numbers < (8, 0) and OLDER_SQL.search(said))
        or (numbers < (8, 4) and NEWER_REFUSES.search(said))
    )
    matters = matters and numbers < (8, 4)
    return VersionDifference(said=told, cause=cause) if cause or matters else None


def python_difference(swap: Substitution, said: str) -> VersionDifference | None:
    """Judge what a build or an app `said` on another Python; None where it is the one asked for."""
    wanted, used = python_version(swap.wanted), USED.search(swap.used)
    if not wanted or (used and used[1] == wanted):
        return None
    paths = re.compile(rf"\bpython{re.escape(wanted)}\b")
    unbuilt = FAILED_WHEEL.search(said) and not LACKS_TOOLS.search(said)
    cause = OLD_PACKAGES.search(said) or unbuilt or OLD_CODE.search(said) or paths.search(said)
    matters = cause or OF_PYTHON.search(said)
    return VersionDifference(said=_told(swap), cause=bool(cause)) if matters else None


def _told(swap: Substitution) -> str:
    return f"{swap.used} stands in for {swap.wanted}, as {swap.reason}."
