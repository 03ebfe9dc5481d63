"""What stands in for another image, told where it may be why something fails.

Whether an image was replaced is a fact of the platform. That a failure comes of it is read from
what the submission asks for and what its tools print: an author could print the same, and gains no
more by it than by naming an image that cannot be had here at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.model import Substitution
from grader.sandbox.images.references import (
    ImageReference,
    mariadb_series,
    mysql_series,
    python_version,
)
from grader.sandbox.python_versions import depends_on_version, version_of
from grader.sandbox.unbuilt_packages import unbuilt_by_version

NO_PLUGIN = re.compile(r"1524 \(HY000\)[^\n]{0,200}Plugin 'mysql_native_password' is not loaded")
NO_DRIVER = re.compile(
    r"'?cryptography'? package is required|Authentication plugin 'caching_sha2_password'|"
    r"Authentication requires secure connection|caching_sha2_password[^\n]{0,80}cannot open shared|"
    r"Plugin caching_sha2_password could not be loaded|"
    r"1251[^\n]{0,20}Client does not support authentication protocol"
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
OLDER_HASHES = re.compile(
    r"3763 \(HY000\)[^\n]{0,200}disallowed function: (?:md5|sha1?)\b|3763, [^\n]{0,200}disallowed "
    r"function: (?:md5|sha1?)\b|Can't initialize function '(?:md5|sha1?)'", re.IGNORECASE,
)  # fmt: skip
"""MD5 and SHA1 where 9.6 refuses them: in the definition of a column, of what is no text
(https://dev.mysql.com/doc/refman/9.6/en/legacy-hashing-component.html)."""
UNKNOWN_SETTING = re.compile(r"unknown (?:variable|option) '|1193\b[^\n]{0,40}Unknown system var")
"""What MariaDB says of a setting that another series of it has."""
TAKE_MYSQL = (
    "Another maker's server cannot be had here: write `image: mysql:8.4` in your Compose file, and "
    "grade again."
)
CODE = re.compile(r"ERROR (\d{4}) \(|\((\d{4}), |\b(\d{4}) \(\w{5}\)|\(error (\d{4})\)")
"""An error of MySQL's, as the client, drivers and our own sentences write it."""
ANY_VERSION = frozenset({
    1007, 1008, 1040, 1044, 1045, 1046, 1048, 1049, 1050, 1051, 1054, 1060, 1061, 1062, 1091, 1130,
    1136, 1146, 1217, 1364, 1406, 1451, 1452, 2002, 2003, 2005, 2006, 2013, 2055,
})  # fmt: skip
"""Errors that mean the same under each version: names, rows, rights and connections."""
SYNTAX = 1064
"""Since 8.0 few words have become reserved, which `NEWER_REFUSES` knows."""
NO_GNUPG = re.compile(
    r"gnupg, gnupg2 and gnupg1 do not seem to be installed|\bgpg2?: (?:command )?not found"
)
NO_USER_SITE = re.compile(
    r"Will not install to the user site because it will lack sys\.path precedence"
)
"""What pip says in our counterpart of a Python image, which is a virtual environment."""
FROM_ELSEWHERE = re.compile(r"\b(?:https?|hkps?|ftp)://|--keyserver\b|\bcurl\b|\bwget\b")
"""What shows that a step wants more than the packages which a build can have, gnupg or not."""
LEAVE_USER_OUT = (
    "Leave `--user` out of that step, which an image does not need, or connect to a registry; and "
    "grade again."
)
USED = re.compile(r"\b(\d{1,3}\.\d{1,3})(?:\.\d{1,3})?\)?$")
"""The version at the end of what was used, `Python 3.11 of Debian bookworm (3.11.2)`."""
NEWEST = (3, 99)
UNEXPLAINED = re.compile(r"Its last error: ")
"""How a sentence tells of an exception that is none of the known causes."""


@dataclass(frozen=True, kw_only=True)
class VersionDifference:
    """Another version than the one that was asked for."""

    said: str
    """A sentence that names both."""
    cause: bool
    """Whether it is why something failed."""
    because: str = "The submission fails on that difference."
    """A sentence that says so, or how likely it is."""
    remedy: str = "Connect to a registry, or bring the image with `docker load`, and grade again."

    @property
    def ungradable(self) -> str:
        """Why there is no score, and what to do."""
        return f"{self.said} {self.because} {self.remedy}"


def mysql_difference(
    swap: Substitution, said: str, *, native: bool, silent: str = ""
) -> VersionDifference | None:
    """Judge what MySQL or the app `said` where another one stands in; None: it does not matter.

    `native` tells whether the submission has the server enable mysql_native_password by an option.
    `silent` is a clause on a driver that knows that plugin alone, where the app failed without a
    word on why; else empty.
    """
    series = mysql_series(swap.wanted)
    numbers = tuple(map(int, re.findall(r"\d+", series)))
    told = _told(swap)
    other_maker = not numbers
    same = ANY_VERSION if other_maker or numbers < (8, 0) else ANY_VERSION | {SYNTAX}
    matters = bool(_codes(said) - same)
    has_plugin = other_maker or numbers < (8, 4) or (native and numbers < (9, 0))
    uses_plugin = other_maker or numbers < (8, 0) or (native and has_plugin)
    cause = bool(
        (has_plugin and NO_PLUGIN.search(said))
        or (uses_plugin and NO_DRIVER.search(said))
        or (not other_maker and numbers < (8, 0) and OLDER_SQL.search(said))
        or (not other_maker and numbers < (8, 4) and NEWER_REFUSES.search(said))
        or ((other_maker or numbers < (9, 6)) and OLDER_HASHES.search(said))
    )
    found = VersionDifference(said=told, cause=cause)
    if other_maker:
        found = replace(found, remedy=TAKE_MYSQL)
    if not cause and uses_plugin and silent:
        because = (
            f"That is the probable cause: {silent} can log in to {swap.wanted}, which uses "
            "mysql_native_password, and not to what stands in, and the app failed without a word "
            "on why."
        )
        return replace(found, cause=True, because=because)
    matters = matters and (other_maker or numbers < (8, 4))
    return found if cause or matters else None


def mariadb_difference(swap: Substitution, said: str) -> VersionDifference | None:
    """Judge what MariaDB or the app `said` where another series stands in; None: it is the same.

    Each series takes the accounts and the SQL of older ones, but not all of their settings.
    """
    wanted, used = mariadb_series(swap.wanted), USED.search(swap.used)
    if not wanted or used is None or used[1] == wanted or used[1].partition(".")[0] == wanted:
        return None
    cause = bool(UNKNOWN_SETTING.search(said))
    matters = cause or bool(_codes(said) - ANY_VERSION)
    return VersionDifference(said=_told(swap), cause=cause) if matters else None


def python_difference(swap: Substitution, said: str, *, step: str = "") -> VersionDifference | None:
    """Judge what a build or an app `said` on another Python; None where it is the one asked for.

    `step` is the instruction that failed; empty where none did.
    """
    if _lacks_gnupg(swap, said):
        told = f"{_told(swap)} It lacks gnupg, which {swap.wanted} has."
        return VersionDifference(said=told, cause=not FROM_ELSEWHERE.search(step))
    if NO_USER_SITE.search(said):
        told = f"{_told(swap)} In it, `pip install --user` cannot replace what the image has."
        return VersionDifference(said=told, cause=True, remedy=LEAVE_USER_OUT)
    wanted, used = python_version(swap.wanted), USED.search(swap.used)
    if not wanted or (used and used[1] == wanted):
        return None
    versions = version_of(wanted), version_of(used[1]) if used else NEWEST
    paths = re.search(rf"\bpython{re.escape(wanted)}\b", said)
    found = (
        depends_on_version(said, *versions), unbuilt_by_version(said), True if paths else None,
        False if UNEXPLAINED.search(said) else None,
    )  # fmt: skip
    if all(one is None for one in found):
        return None
    return VersionDifference(said=_told(swap), cause=any(found))


def _lacks_gnupg(swap: Substitution, said: str) -> bool:
    """Whether what failed wants gnupg, which the official images that are not slim have."""
    image = ImageReference.parse(swap.wanted)
    full = image.repository == "python" and not re.search("slim|alpine", image.tag)
    return full and bool(NO_GNUPG.search(said))


def _codes(said: str) -> set[int]:
    """Return the numbers of the errors of MySQL or MariaDB that are named."""
    return {int(code) for found in CODE.finditer(said) for code in found.groups() if code}


def _told(swap: Substitution) -> str:
    return f"{swap.used} stands in for {swap.wanted}, as {swap.reason}."
