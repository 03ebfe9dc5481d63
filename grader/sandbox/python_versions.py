"""Failures that depend on the version of Python, read from what pip, uv, Poetry and Python print.

Each is the difference where it holds for the one version and not for the other, and only there.
"""

from __future__ import annotations

import re

from grader.sandbox.python_changes import OF_LIBRARY, Version, changed, is_known

ASKS = re.compile(
    r"requires a different Python: \S{1,20} not in '([^'\n]{1,80})'|"
    r"does not satisfy Python ?([^\s,]\S{0,80})|"
    r"not (?:allowed|supported) by the project \(([^)\n]{1,80})\)"
)
"""How pip, uv and Poetry name the versions that something is made for."""
PINNED = re.compile(
    r"(?:No matching distribution found for|satisfies the requirement) ([\w.\[\]-]+)==([\w.]+)"
)
LISTED = re.compile(r"\(from versions: ([^()\n]+)\)")
A_PATCH = 20
"""The third number of a Python, which seldom matters to what asks for one."""


def version_of(text: str) -> Version:
    """Return a version's numbers."""
    return tuple(map(int, re.findall(r"\d+", text)))


def depends_on_version(said: str, wanted: Version, used: Version) -> bool | None:
    """Return whether `said` tells of what the Python `used` lacks and `wanted` has.

    False where that may be; None where it does not, or of what both lack.
    """
    if any(re.search(pattern, said) for pattern in changed(wanted, used)):
        return True
    asked = (next(filter(None, found.groups())) for found in ASKS.finditer(said))
    if any(fits(one, wanted) and not fits(one, used) for one in asked):
        return True
    if found := PINNED.search(said):
        return _left_out(said, found[2], wanted, used)
    return False if OF_LIBRARY.search(said) and not is_known(said) else None


def _left_out(said: str, pinned: str, wanted: Version, used: Version) -> bool | None:
    """Return whether pip has a version of a package for `wanted` alone that is asked for.

    It names what asks for another Python; of packages that are wheels alone it lists newer ones.
    """
    if named := re.search(rf"\b{re.escape(pinned)} Requires-Python ([^;\n]+)", said):
        return (fits(named[1], wanted) and not fits(named[1], used)) or None
    listed = LISTED.search(said)
    versions = [version_of(one) for one in listed[1].split(",")] if listed else []
    if not any(versions):
        return False
    return (wanted < used and version_of(pinned) < min(filter(None, versions))) or None


def fits(spec: str, version: Version) -> bool:
    """Return whether a Python of a minor `version` is one of those that `spec` takes."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    written = re.sub(r"\^\s*(\d+)([\d.]*)", lambda at: f">={at[1]}{at[2]},<{int(at[1]) + 1}", spec)
    written = re.sub(r"~\s*(?=\d)(\d+\.\d+)[\d.]*", r"==\1.*", written)
    try:
        return SpecifierSet(written).contains(f"{version[0]}.{version[1]}.{A_PATCH}")
    except InvalidSpecifier:
        return True  # nothing is known of it
