"""What Python prints where a module is missing, and what brings that module."""

from __future__ import annotations

import re

from grader.requirement_files import normalised
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.drivers import dead_connector, replace_connector
from grader.sandbox.outdated_names import gone_module
from grader.sandbox.packages import package_of
from grader.sandbox.tracebacks import last_raised

NO_DEPENDENCIES = re.compile(r"--no-deps\b|--no-dependencies\b")
DRIVER = (
    "SQLAlchemy takes MySQLdb (the package mysqlclient) for a URL that begins with mysql://. Write "
    "mysql+pymysql:// where PyMySQL is installed, or add mysqlclient to requirements.txt."
)
BROKEN = "_version", "version", "_about", "__about__", "__version__"
"""Modules that a package makes of itself when it is built."""


def caller_of(found: re.Match[str]) -> str:
    """Return the installed package whose line has raised it; empty for the app's own."""
    raised = last_raised(found.string[: found.end() + 1])
    return raised.frames[-1].package if raised and raised.frames else ""


def module_cause(found: re.Match[str], where: AppSettings) -> str:
    """Say which module is missing, and what brings it."""
    name = found[1]
    top = name.partition(".")[0]
    caller = caller_of(found)
    if top == "MySQLdb" and caller.lower().startswith(("sqlalchemy", "flask_sqlalchemy")):
        return f"Python has no module {name!r} in the image (ModuleNotFoundError). {DRIVER}"
    if rot := gone_module(name):
        return rot
    if "is not a package" in found[0]:
        return (
            f"Python takes a file of yours for the package {top!r} and finds no {name!r} in it "
            f"(ModuleNotFoundError). Rename {top}.py."
        )
    if caller and (caller == top or name.rpartition(".")[2] in BROKEN):
        return broken(name, caller, where)
    return f"Python has no module {name!r} in the image (ModuleNotFoundError). " + _advice(
        name, caller, where
    )


def _advice(name: str, caller: str, where: AppSettings) -> str:
    """Return what to do where the module `name` is missing.

    `caller` is the package that asks for it.
    """
    top, package = name.partition(".")[0], package_of(name)
    sources = where.sources()
    if sources:
        own = sources.named(f"{name.replace('.', '/')}.py") or sources.named(f"{top}.py")
        if own and not caller:
            mounts = ", and what your Compose file mounts over it" if where.composed else ""
            return (
                f"It is a file of your own, {own}: COPY it, and start the app from the folder that "
                f"the import counts from (WORKDIR){mounts}."
            )
        if (out := sources.kept_out(f"{top}.py")) and not caller:
            return f"{out} keeps {top}.py out. Commit it, or COPY it, without secrets in it."
        if sources.requires(package):
            return (
                f"Your repository names its package, {package}, but the Dockerfile installs it for "
                "another Python, in another stage, or not at all."
            )
    if caller and caller != top:
        return _not_brought(package, caller, where)
    if package != top:
        return f"Add its package, {package}, to requirements.txt."
    return "Add its package to requirements.txt, or COPY the file if it is your own."


def _not_brought(package: str, caller: str, where: AppSettings) -> str:
    """Say what to do where an installed package asks for another that nothing has installed."""
    sources = where.sources()
    dockerfile = sources.named("Dockerfile") if sources else ""
    if sources and dockerfile and NO_DEPENDENCIES.search(sources.text(dockerfile)):
        return (
            f"{caller} asks for it, and {dockerfile} installs without what packages need: leave "
            "`--no-deps` out."
        )
    wanted = {normalised(caller), normalised(package_of(caller))}
    packages = sources.requirements() if sources else ()
    own = next((one for one in packages if one.name in wanted), None)
    named = f" ({own.where} names `{own.written}`)" if own else ""
    return f"{caller} asks for it{named} and does not bring it: add {package} to requirements.txt."


def broken(name: str, package: str, where: AppSettings) -> str:
    """Say that the installed `package` lacks its part `name`, and which line brought it."""
    begin = f"The package {package} is broken as it is installed: its own part {name!r} is missing."
    sources = where.sources()
    packages = sources.requirements() if sources else ()
    if package == "mysql" and (dead := dead_connector(packages)):
        return f"{begin} {replace_connector(dead)}"
    wanted = {normalised(package), normalised(package_of(package))}
    if own := next((one for one in packages if one.name in wanted), None):
        return f"{begin} {own.where} names `{own.written}`: name another version of it."
    return f"{begin} Name another version of {package_of(package)} in requirements.txt."


def run_module_cause(found: re.Match[str], where: AppSettings) -> str:
    """Say the same of `python -m`."""
    name = found[1]
    if name.endswith("__main__"):
        return (
            f"`python -m` cannot run {name.removesuffix('.__main__')!r}: it is a package without "
            "`__main__.py`. Name the module that starts the app."
        )
    return (
        f"Python has no module {name!r} in the image (`python -m {name}`). "
        f"{_advice(name, '', where)}"
    )
