"""What Python prints where a module does not have a name, and which version of what has it."""

from __future__ import annotations

import re
import sys

from grader.requirement_files import RequiredPackage, normalised
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes_modules import BROKEN, broken, caller_of
from grader.sandbox.outdated_names import gone_name
from grader.sandbox.packages import MODULES, package_of
from grader.sandbox.python_changes import version_with

LIBRARY = re.compile(r"/lib/python([\d.]+)/(?!(?:site|dist)-packages)")
"""Where Python's own modules stand, with its version."""


def name_cause(found: re.Match[str], where: AppSettings) -> str:
    """Return the sentence on an `ImportError: cannot import name`."""
    name, module, file = found[1], found[2] or "", found[3] or ""
    begin = f"Python cannot import {name!r} from {module!r} (ImportError)"
    if own := _shadows(module, file):
        return f"{begin}: {own}"
    if "partially initialized" in found[0] or "circular" in found[0]:
        return (
            f"{begin}: the modules import each other in a circle. Move the import into the "
            "function that needs it, or make the app in a function of its own (create_app)."
        )
    if advice := gone_name(name, module):
        return f"{begin}. {advice}"
    top, caller = module.partition(".")[0], caller_of(found)
    if name in BROKEN or (caller and caller == top):
        return broken(name, top or caller, where)
    if library := LIBRARY.search(file):
        return f"{begin}: {_of_python(found[0], library[1], caller)}"
    if "site-packages" in file or "dist-packages" in file:
        return f"{begin}: {_of_package(top, caller, where)}"
    return f"{begin}. Check how it is spelt, and that this file is the one that you mean."


def _shadows(module: str, file: str) -> str:
    """Say that a file of the app's has the name of a package that it imports; or nothing."""
    if "." in module or "-packages/" in file or LIBRARY.search(file):
        return ""
    named = file.rpartition("/")[2] == f"{module}.py"
    if not named or not (module in MODULES or module in sys.stdlib_module_names):
        return ""
    return f"your file {file} has the name of the package, and is taken for it. Rename it."


def _of_python(said: str, used: str, caller: str) -> str:
    """Say that Python's own library does not have the name, and which Python has."""
    asks = f"{caller} asks for it, and " if caller else ""
    if version := version_with(said):
        return (
            f"{asks}Python {used} does not have it yet. Build on Python {version} or a newer one "
            f"(FROM python:{version}-slim)."
        )
    other = f"take another version of {caller}" if caller else "change the import"
    return f"{asks}Python {used} does not have it: {other}, or build on another Python (FROM)."


def _of_package(top: str, caller: str, where: AppSettings) -> str:
    """Say that an installed package does not have the name, and which line to change."""
    sources = where.sources()
    packages = sources.requirements() if sources else ()
    own, asking = _line(top, packages), _line(caller, packages)
    if not caller:
        named = f" ({own.where}: `{own.written}`)" if own else ""
        return (
            f"the version of {top} that is installed does not have it{named}. Name the version "
            "that you wrote it with in requirements.txt, or change the import."
        )
    begin = f"{caller} asks for it, and the version of {top} that is installed does not have it."
    if own:
        return f"{begin} {own.where} names `{own.written}`: leave the version out, or raise it."
    if asking:
        return (
            f"{begin} {asking.where} names `{asking.written}`, of another time than {top}, which "
            f"nothing names: raise it, or add {package_of(top)} in a version of that time."
        )
    return (
        f"{begin} The two do not go together: name versions of {package_of(caller)} and "
        f"{package_of(top)} in requirements.txt that do, or the newest of both."
    )


def _line(package: str, packages: tuple[RequiredPackage, ...]) -> RequiredPackage | None:
    """Return the line that asks for an installed package; None where none does."""
    wanted = {normalised(package), normalised(package_of(package))}
    return next((one for one in packages if package and one.name in wanted), None)
