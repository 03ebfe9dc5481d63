"""Names in requirements that PyPI has no package for: what each of them is, and what to write."""

from __future__ import annotations

import re
import sys

from grader.requirement_files import normalised
from grader.sandbox.packages import MODULES, package_of
from grader.text import clip

WINDOWS = frozenset({
    "pywin32", "pypiwin32", "pywinpty", "pywin32-ctypes", "win32-setctime", "windows-curses",
    "wmi", "winshell", "comtypes", "pyreadline",
})  # fmt: skip
"""Packages that there are for Windows alone."""
CONDA = re.compile(
    r"(?:/[A-Z]:/|/home/conda/|/croot/|/tmp/build/|/opt/conda/|/Users/|/private/var/)[^'\n]{0,300}"
)
"""Where conda, and pip on a machine of somebody's, have built what their lists name by a path."""
DEPRECATED = re.compile(r"The '([\w-]+)' PyPI package is deprecated, use '([\w-]+)'")


def unknown_package(name: str) -> str:
    """Say what a package is that PyPI does not have for this image; empty where that is unknown."""
    plain = re.sub(r"\[.*", "", name)
    if normalised(plain) in WINDOWS:
        return (
            f'{plain} is for Windows alone: leave it out, or write `; sys_platform == "win32"` '
            "after it."
        )
    if plain in sys.stdlib_module_names and package_of(plain) == plain:
        return f"{plain} is a part of Python: leave it out of requirements.txt."
    package = package_of(plain).partition("<")[0]
    known = plain.partition(".")[0] in MODULES
    if normalised(package) != normalised(plain) and known:
        return f"The package is called {package}: write that."
    return ""


def other_machine(output: str) -> str:
    """Say that a list names packages by paths of another machine; empty where it does not."""
    if not re.search(r"\[Errno 2\] No such file or directory: '|is not a valid editable|"
                     r"does not appear to be a Python project|does not exist", output):  # fmt: skip
        return ""
    if not (found := CONDA.search(output)):
        return ""
    return (
        f"requirements.txt names a package by a path of another machine ({clip(found[0], 120)}),"
        " as conda and `pip freeze` write it there. Write NAME==VERSION in its place: `pip list "
        "--format=freeze`."
    )


def deprecated(output: str) -> str:
    """Say what has taken the place of a package; empty where nothing says so."""
    found = DEPRECATED.search(output)
    return f"{found[1]} has given way to {found[2]}: write that in its place." if found else ""
